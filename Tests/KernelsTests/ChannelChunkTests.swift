import GatedDeltaRule
import Generator
import Implementations
import Support
import Testing

/// The chunked forms with one decay a key channel.
@Suite struct ChannelChunkTests {
  /// In fp32 and fp64, what forgets everything in some channels and nothing in others.
  static let recipes = [
    "v1/B1-T40-Hk1-Hv2-Dk5-Dv3/channels/decay=forget:0:-inf:-0.001/state=random/dstate=random/f32/seed=1",
    "v1/B2-T70-Hk2-Hv2-Dk9-Dv2/channels/decay=forget:0:-1000:-0.1/state=random/dstate=random/mask=holes:0.2/f32/seed=2",
    "v1/B1-T33-Hk1-Hv3-Dk3-Dv4/channels/decay=-20.1/state=random/dstate=random/f32/seed=3",
    "v1/B1-T65-Hk1-Hv1-Dk4-Dv4/model/channels/decay=forget:0:-1000:-0.0001/A_log=heads/state=random/f32/seed=4",
  ]

  private func evaluate(
    _ name: String, _ problem: Problem, _ arithmetic: Request.Arithmetic = .double
  ) throws -> Evaluation {
    try #require(Registry.named(name)).evaluate(problem, request: Request(arithmetic: arithmetic))
  }

  @Test(arguments: recipes)
  func `segments need no logarithm, so that a decay of 0 has its gradient`(recipe: String) throws {
    let problem = try Recipe(recipe).render()
    let (expected, found) = (try evaluate("sequential", problem), try evaluate("chunked-stable", problem))
    for quantity in Quantity.all(at: problem.level) {
      let difference = try #require(found[quantity])
        .relativeDifference(from: try #require(expected[quantity]))
      #expect(difference <= 1e-11, "\(quantity.rawValue): \(difference)")
    }
  }

  @Test(arguments: recipes, [Request.Arithmetic.working, .double])
  func `with anchors between the tokens of a pair nothing overflows`(
    recipe: String, arithmetic: Request.Arithmetic
  ) throws {
    let found = try evaluate("chunked-kda", Recipe(recipe).render(), arithmetic)
    for quantity in Quantity.all(at: try Recipe(recipe).render().level) {
      #expect(try #require(found[quantity]).values.allSatisfy(\.isFinite), "\(quantity.rawValue)")
    }
  }

  @Test func `the gradient of a decay of 0 is not formed from a running sum`() throws {
    let problem = try Recipe(Self.recipes[0]).render()
    guard case .core(let g, _) = problem.primals.gates else { return #expect(Bool(false)) }
    let gradient = try #require(try evaluate("chunked-kda", problem)[.dg])
    let forgotten = g.values.indices.filter { g.values[$0] == 0 }
    #expect(!forgotten.isEmpty && forgotten.allSatisfy { gradient.values[$0] == 0 })
    #expect(gradient.largestMagnitude > 0)
  }

  @Test(arguments: ["chunked-kda", "chunked-stable"])
  func `equal keys that write fully are solved for as by the recurrence`(name: String) throws {
    let problem = try Recipe(
      "v1/B1-T256-Hk1-Hv1-Dk8-Dv4/channels/keys=equal/decay=none/write=0.999/f32/seed=5"
    ).render()
    let expected = try evaluate("sequential", problem)
    for quantity in [Quantity.y, .stateOut, .dk, .dv] {
      let found = try #require(try evaluate(name, problem, .working)[quantity])
      #expect(found.relativeDifference(from: try #require(expected[quantity])) <= 1e-5, "\(quantity)")
    }
  }

  /// Whole and partial sub-blocks, and a chunk that the pad begins.
  @Test(arguments: ["chunked-kda", "chunked-stable"], [8, 16, 24, 31, 32, 33, 48, 63, 64, 65])
  func `a pad on the right changes no bit, wherever a sub-block ends`(name: String, T: Int) throws {
    let implementation = try #require(Registry.named(name))
    let shape = try Shape(B: 1, T: T, Hk: 1, Hv: 2, Dk: 3, Dv: 2, decayKind: .perChannel)
    let problem = try Sample(shape: shape, level: .core, hasState: true, hasCotangents: true).problem
    let expected = try implementation.evaluate(problem, request: Request())
    for pad in [1, 7, 9, 17, 40] {
      let padded = try problem.paddedOnTheRight(by: pad)
      let found = try implementation.evaluate(padded, request: Request())
      for quantity in Quantity.all(at: .core) {
        let (whole, part) = (try #require(found[quantity]), try #require(expected[quantity]))
        #expect(Array(whole.values.prefix(part.values.count)) == part.values, "\(quantity.rawValue), \(pad)")
      }
    }
  }

  @Test func `each takes the kinds of decay that its original takes`() throws {
    let (scalar, channels) = (
      try Recipe("v1/B1-T3-Hk1-Hv1-Dk2-Dv2/seed=1").render(),
      try Recipe("v1/B1-T3-Hk1-Hv1-Dk2-Dv2/channels/seed=1").render()
    )
    #expect(Registry.named("chunked-kda")?.refusal(of: scalar) == "takes a decay per channel only")
    #expect(Registry.named("chunked")?.refusal(of: channels) == "takes scalar decay only")
    for name in ["chunked-kda", "chunked-stable"] {
      #expect(Registry.named(name)?.refusal(of: channels) == nil)
    }
    #expect(Registry.named("chunked-stable")?.refusal(of: scalar) == nil)
  }
}

extension Problem {
  /// The same with so many masked tokens at its end.
  ///
  /// - Precondition: one batch row, core level, no mask.
  fileprivate func paddedOnTheRight(by count: Int) throws -> Problem {
    let wide = try Shape(
      B: 1, T: shape.T + count, Hk: shape.Hk, Hv: shape.Hv, Dk: shape.Dk, Dv: shape.Dv,
      decayKind: shape.decayKind)
    func extended(_ tensor: Tensor) -> Tensor {
      let width = tensor.values.count / shape.T
      return Tensor(
        shape: [1, wide.T] + tensor.shape.dropFirst(2), precision: tensor.precision,
        values: tensor.values + [Double](repeating: 0.5, count: count * width))
    }
    guard case .core(let g, let beta) = primals.gates else { preconditionFailure("gates of the model") }
    let live = (0..<wide.T).map { $0 < shape.T }
    return try Problem(
      shape: wide,
      primals: Primals(
        q: extended(primals.q), k: extended(primals.k), v: extended(primals.v),
        gates: .core(g: extended(g), beta: extended(beta)), state: primals.state),
      mask: Mask(B: 1, T: wide.T, live: live),
      cotangents: Outputs(y: cotangents.y.map(extended), state: cotangents.state))
  }
}
