import GatedDeltaRule
import Implementations
import Support
import Testing

/// What each form owes regardless of any reference.
@Suite struct LawTests {
  static let honest = Registry.all.filter { !$0.declaration.isControl }.map(\.name)

  func named(_ name: String) throws -> any Implementation { try #require(Registry.named(name)) }

  /// A kind of decay that it takes.
  func decay(of name: String) -> DecayKind { name == "chunked-kda" ? .perChannel : .scalar }

  @Test(arguments: [DecayKind.scalar, .perChannel])
  func `checkpoint outputs are the sequential form's, bit for bit`(decay: DecayKind) throws {
    let shape = try Shape(B: 2, T: 130, Hk: 2, Hv: 4, Dk: 9, Dv: 5, decayKind: decay)
    for mask in Sample.MaskKind.allCases {
      let problem = try Sample(shape: shape, mask: mask, hasState: true, hasCotangents: true).problem
      let sequential = try named("sequential").evaluate(problem, request: Request())
      let checkpoint = try named("checkpoint").evaluate(problem, request: Request())
      #expect(checkpoint.bits == sequential.bits && !checkpoint.bits.isEmpty)
    }
  }

  @Test(arguments: honest.filter { $0 != "fused-metal" })
  func `what a pad holds changes no bit`(name: String) throws {
    let shape = try Shape(B: 2, T: 70, Hk: 1, Hv: 2, Dk: 5, Dv: 4, decayKind: decay(of: name))
    let clean = try Sample(shape: shape, mask: .holes, hasState: true, hasCotangents: true).problem
    let implementation = try named(name)
    try #require(implementation.refusal(of: clean) == nil)
    let expected = try implementation.evaluate(clean, request: Request())
    for pad in [0, 1e30, .nan, .infinity] {
      let found = try implementation.evaluate(try clean.padded(with: pad), request: Request())
      #expect(found.bits == expected.bits, "pad \(pad)")
    }
  }

  @Test(arguments: honest)
  func `no token leaves the state and its cotangent as they were`(name: String) throws {
    let shape = try Shape(B: 2, T: 0, Hk: 1, Hv: 2, Dk: 32, Dv: 4, decayKind: decay(of: name))
    let problem = try Sample(shape: shape, hasState: true, hasCotangents: true).problem
    let found = try named(name).evaluate(problem, request: Request())
    #expect(found[.stateOut] == problem.primals.state)
    #expect(found[.dstateIn] == problem.cotangents.state)
    #expect(found[.dA_log]?.largestMagnitude == 0)
  }

  @Test(arguments: honest)
  func `a NaN in a live input reaches the output`(name: String) throws {
    let shape = try Shape(B: 1, T: 5, Hk: 1, Hv: 1, Dk: 32, Dv: 4, decayKind: decay(of: name))
    let clean = try Sample(shape: shape, hasState: true, hasCotangents: true).problem
    var primals = clean.primals
    primals.v.values[7] = .nan
    let poisoned = try Problem(shape: shape, primals: primals, cotangents: clean.cotangents, domain: .any)
    let found = try named(name).evaluate(poisoned, request: Request())
    #expect(found[.y]?.largestMagnitude.isNaN == true)
    #expect(found[.stateOut]?.largestMagnitude.isNaN == true)
  }

  @Test(arguments: DecayKind.allCases)
  func `absent state and cotangents are zeros`(decay: DecayKind) throws {
    let shape = try Shape(B: 1, T: 20, Hk: 1, Hv: 2, Dk: 32, Dv: 4, decayKind: decay)
    let absent = try Sample(shape: shape, hasState: false, hasCotangents: false).problem
    var primals = absent.primals
    primals.state = Tensor(shape: shape.state)
    let zeros = try Problem(
      shape: shape, primals: primals,
      cotangents: Outputs(y: Tensor(shape: shape.value), state: Tensor(shape: shape.state)))
    for implementation in Registry.all where absent.isTaken(byBuiltIn: implementation.name) {
      let found = try implementation.evaluate(absent, request: Request())
      #expect(found.bits == (try implementation.evaluate(zeros, request: Request()).bits))
      #expect(found[.dq]?.largestMagnitude == 0)
    }
  }

  @Test func `checkpoint holds a 64th of the sequential form's history and 64 states`() throws {
    let shape = try Shape(B: 1, T: 1024, Hk: 1, Hv: 1, Dk: 32, Dv: 16)
    let problem = try Sample(shape: shape, hasState: true, hasCotangents: true).problem
    let state = 4 * shape.Dk * shape.Dv
    let sequential = try #require(try named("sequential").evaluate(problem, request: Request()).peakBytes)
    let checkpoint = try #require(try named("checkpoint").evaluate(problem, request: Request()).peakBytes)
    #expect((1025 * state..<1026 * state).contains(sequential))
    // 16 boundaries, and 65 states of the chunk under work.
    #expect((81 * state..<82 * state).contains(checkpoint))
  }

  @Test func `equal keys and beta near 1 break sub-blocks of 32 and no other`() throws {
    let shape = try Shape(B: 1, T: 256, Hk: 1, Hv: 1, Dk: 8, Dv: 4)
    let clean = try Sample(shape: shape, level: .core, hasState: true, hasCotangents: true).problem
    var primals = clean.primals
    primals.k = Tensor(shape: shape.key, values: (0..<256 * 8).map { $0 % 8 == 0 ? 1 : 0 })
    primals.gates = .core(
      g: Tensor(shape: shape.gate, repeating: 1),
      beta: Tensor(shape: shape.token, precision: .fp32, repeating: Double(Float(0.999))))
    let problem = try Problem(shape: shape, primals: primals, cotangents: clean.cotangents)
    let expected = try #require(
      try named("sequential").evaluate(problem, request: Request(arithmetic: .double))[.stateOut])
    func error(_ name: String) throws -> Double {
      try #require(try named(name).evaluate(problem, request: Request())[.stateOut])
        .relativeDifference(from: expected)
    }
    #expect(try error("sequential") <= 1e-6)
    #expect(try error("chunked-stable") <= 1e-6)
    #expect((1e-5..<5e-3).contains(try error("chunked")))
    #expect(try error("chunked-sb32") >= 1e6)
  }
}
