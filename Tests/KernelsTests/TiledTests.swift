import GatedDeltaRule
import Generator
import Implementations
import Kernels
import Machine
import Support
import Testing

/// What MLX core's kernels compute: the recurrence above a floor, in chunks, and its gradients without one.
@Suite struct TiledTests {
  static let names = ["mlx-simdgroup", "mlx-nax"]

  static let shapes: [Shape] = [
    (1, 0, 1, 2, 3, 2), (2, 1, 2, 4, 3, 5), (1, 8, 1, 3, 8, 4), (2, 9, 2, 2, 5, 9), (1, 16, 1, 2, 9, 3),
    (1, 17, 3, 3, 2, 7), (1, 65, 1, 2, 4, 3),
  ].map { try! Shape(B: $0.0, T: $0.1, Hk: $0.2, Hv: $0.3, Dk: $0.4, Dv: $0.5) }

  func named(_ name: String) throws -> any Implementation { try #require(Registry.named(name)) }

  /// The problem with no decay below the floor.
  func raised(_ problem: Problem) throws -> Problem {
    guard case .core(var g, let beta) = problem.primals.gates else { return problem }
    for i in g.values.indices { g.values[i] = max(g.values[i], 1e-6) }
    var primals = problem.primals
    primals.gates = .core(g: Tensor(shape: g.shape, precision: .fp64, values: g.values), beta: beta)
    return try Problem(
      shape: problem.shape, primals: primals, mask: problem.mask, cotangents: problem.cotangents)
  }

  @Test(arguments: names, [Sample.Family.benign, .decay, .norms])
  func `outputs are those of the recurrence above the floor, gradients are its own`(
    name: String, family: Sample.Family
  ) throws {
    let (tiled, recurrence) = (try named(name), try named("checkpoint"))
    for shape in Self.shapes {
      for mask in Sample.MaskKind.allCases {
        let problem = try Sample(
          shape: shape, level: .core, family: family, mask: mask, hasState: true, hasCotangents: true
        ).problem
        let request = Request(arithmetic: .double)
        let found = try tiled.evaluate(problem, request: request)
        let held = try recurrence.evaluate(
          try shape.T > 8 ? raised(problem) : problem, request: Request(arithmetic: .double, gradients: false)
        )
        for quantity in [Quantity.y, .stateOut] {
          let difference = try #require(found[quantity]).relativeDifference(
            from: try #require(held[quantity]))
          #expect(difference <= 1e-11, "\(quantity.rawValue) \(shape) \(mask)")
        }
        for arithmetic in [Request.Arithmetic.working, .double] {
          let request = Request(arithmetic: arithmetic)
          let found = try tiled.evaluate(problem, request: request).bits
          let expected = try recurrence.evaluate(problem, request: request).bits
          for quantity in Quantity.all(at: .core) where quantity.isGradient {
            #expect(found[quantity] == expected[quantity], "\(quantity.rawValue) \(shape) \(mask)")
          }
          if shape.T <= 8 { #expect(found == expected, "\(shape) \(mask)") }
        }
      }
    }
  }

  @Test(arguments: names)
  func `a call of nine tokens has a floor, and one of eight has none`(name: String) throws {
    let tiled = try named(name)
    for (T, form, clamp) in [
      (8, Declaration.Form.sequential, Declaration.Clamp.none),
      (9, .chunked(length: name == "mlx-nax" ? 16 : 8), .forwardDecay(floor: 1e-6)),
    ] {
      let problem = try Recipe(
        "v1/B1-T\(T)-Hk1-Hv1-Dk2-Dv2/keys=random/decay=-1/write=0/state=random/f32/seed=1"
      ).render()
      #expect(tiled.declaration(for: problem).form == form && tiled.declaration(for: problem).clamp == clamp)
    }
    #expect(tiled.declaration.form != .sequential)
    let channels = try Shape(B: 1, T: 9, Hk: 1, Hv: 1, Dk: 2, Dv: 2, decayKind: .perChannel)
    #expect(tiled.refusal(of: try Sample(shape: channels, level: .core).problem) == "takes scalar decay only")
  }

  @Test func `from nine tokens on a gate of 0 keeps a millionth, and its gradient is that of 0`() throws {
    let shape = try Shape(B: 1, T: 9, Hk: 1, Hv: 1, Dk: 1, Dv: 1)
    func ones(_ shape: [Int], _ value: Double) -> Tensor {
      Tensor(shape: shape, precision: .fp32, repeating: value)
    }
    var g = ones(shape.gate, 1)
    g.values[4] = 0
    let problem = try Problem(
      shape: shape,
      primals: Primals(
        q: ones(shape.key, 1), k: ones(shape.key, 0), v: ones(shape.value, 0),
        gates: .core(g: g, beta: ones(shape.token, 0)), state: ones(shape.state, 1)),
      cotangents: Outputs(state: ones(shape.state, 1)))
    for name in Self.names {
      let found = try named(name).evaluate(problem, request: Request())
      let state = try #require(found[.stateOut]).values[0]
      #expect((state - 1e-6).magnitude <= 1e-12, "\(name)")
      // The derivative by g of a product in which g is 0 is that of the other factors, 1; no floor stands in its way.
      #expect(
        found[.dg]?.values == [0, 0, 0, 0, 1, 0, 0, 0, 0] && found[.dstateIn]?.values == [0], "\(name)")
    }
  }

  @Test(arguments: names)
  func `a later token that is no number does not reach an earlier one`(name: String) throws {
    let shape = try Shape(B: 1, T: 20, Hk: 1, Hv: 1, Dk: 3, Dv: 2)
    let problem = try Sample(shape: shape, level: .core, seed: 6, hasState: true).problem
    guard case .core(var g, let beta) = problem.primals.gates else { preconditionFailure("model gates") }
    g.values[12] = .nan
    var primals = problem.primals
    primals.gates = .core(g: g, beta: beta)
    let spoilt = try Problem(shape: shape, primals: primals, cotangents: problem.cotangents, domain: .any)
    let request = Request(gradients: false)
    let found = try #require(try named(name).evaluate(spoilt, request: request)[.y]).values
    let expected = try #require(try named(name).evaluate(problem, request: request)[.y]).values
    #expect(found.prefix(24) == expected.prefix(24) && found.dropFirst(24).allSatisfy(\.isNaN))
  }

  @Test func `equal keys lose less by the fixed point than by doubling in blocks of 16`() throws {
    let problem = try Recipe(
      "v1/B1-T64-Hk1-Hv1-Dk8-Dv8/keys=equal/decay=none/write=0.999/state=random/f32/seed=3"
    ).render()
    let exact = try named("sequential").evaluate(problem, request: Request(arithmetic: .double))
    func error(_ implementation: any Implementation) throws -> Double {
      let found = try implementation.evaluate(problem, request: Request())
      return try #require(found[.y]).relativeDifference(from: try #require(exact[.y]))
    }
    let fixedPoint = try error(try named("mlx-nax"))
    #expect(fixedPoint <= 1e-5)
    #expect(try error(try named("chunked")) > 4 * fixedPoint)
  }

  @Test func `gates in the format of the inputs are gates that were rounded before`() throws {
    let shape = try Shape(B: 1, T: 20, Hk: 1, Hv: 2, Dk: 4, Dv: 3)
    let sample = Sample(
      shape: shape, level: .core, seed: 4, precision: .bf16, hasState: true, hasCotangents: true)
    let problem = try sample.problem
    var primals = problem.primals
    guard case .core(let g, let beta) = primals.gates else { preconditionFailure("model gates") }
    primals.gates = .core(g: g.rounded(to: .bf16), beta: beta)
    #expect(g.rounded(to: .bf16) != g)
    let rounded = try Problem(shape: shape, primals: primals, cotangents: problem.cotangents)
    for ofEight in [true, false] {
      let variant = Catalogue.tiled(name: "rounded", ofEight: ofEight, gates: GateRule(roundsToInputs: true))
      let plain = Catalogue.tiled(name: "plain", ofEight: ofEight, gates: GateRule())
      let found = try variant.evaluate(problem, request: Request())
      #expect(found.bits == (try plain.evaluate(rounded, request: Request())).bits)
      #expect(found.bits != (try plain.evaluate(problem, request: Request())).bits)
      #expect(variant.declaration(for: problem).decayPrecision == .bf16)
      #expect(plain.declaration(for: problem).decayPrecision == .fp32)
    }
  }

  @Test func `neither wide vectors nor threads change a bit`() throws {
    let widths = Processor.Vectors.allCases.filter { $0 > .narrow && $0 <= Processor.available }
    for index in 0..<16 {
      let problem = try Recipe.draw(seed: 13, index: UInt64(index), profile: .standard).render()
      for portable in Catalogue.libraries where portable.refusal(of: problem) == nil {
        let expected = try portable.evaluate(problem, request: Request()).bits
        #expect(try portable.evaluate(problem, request: Request(threads: 3)).bits == expected)
        for vectors in widths {
          let wide = try #require(
            Registry.compiled(for: vectors).libraries.first { $0.name == portable.name })
          #expect(
            try wide.evaluate(problem, request: Request()).bits == expected, "\(portable.name) at \(index)")
        }
      }
    }
  }
}
