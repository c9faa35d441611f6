import GatedDeltaRule
import Implementations

/// The sequential form with one fault planted around it: in what it is given, or in what it answers.
struct Planted: Implementation {
  let name: String
  let summary = "a planted fault"
  var declaration: Declaration { inner.declaration }
  private let inner = Registry.named("sequential")!
  private let given: @Sendable (Problem) throws -> Problem
  private let answered: @Sendable (Evaluation, Problem) -> Evaluation

  init(
    _ name: String, given: @escaping @Sendable (Problem) throws -> Problem = { $0 },
    answered: @escaping @Sendable (Evaluation, Problem) -> Evaluation = { found, _ in found }
  ) {
    (self.name, self.given, self.answered) = (name, given, answered)
  }

  func refusal(of problem: Problem) -> String? { nil }

  func evaluate(_ problem: Problem, _ request: Request) throws -> Evaluation {
    answered(try inner.evaluate(try given(problem), request), problem)
  }
}

extension Planted {
  /// The write strength is too large by a hundred-thousandth.
  static let betaTooLarge = Planted(
    "beta",
    given: { problem in
      try problem.changing { primals in
        guard case .core(let g, var beta) = primals.gates else { return }
        for i in beta.values.indices { beta.values[i] *= 1 + 1e-5 }
        primals.gates = .core(g: g, beta: beta)
      }
    })

  /// A masked token writes nothing but still decays.
  static let maskStillDecays = Planted(
    "mask",
    given: { problem in
      guard let mask = problem.mask else { return problem }
      let opened = try problem.changing { primals in
        guard case .core(var g, var beta) = primals.gates else { return }
        let (heads, width) = (problem.shape.Hv, g.values.count / max(1, beta.values.count))
        for i in beta.values.indices where !mask.live[i / heads] {
          beta.values[i] = 0
          for j in i * width..<(i + 1) * width where !(g.values[j] <= 1) { g.values[j] = 1 }
        }
        primals.gates = .core(g: g, beta: beta)
        for path in [\Primals.q, \Primals.k, \Primals.v] {
          let width = max(1, primals[keyPath: path].values.count / max(1, mask.live.count))
          for i in primals[keyPath: path].values.indices where !mask.live[i / width] {
            primals[keyPath: path].values[i] = 0
          }
        }
      }
      guard case .core = opened.primals.gates else { return problem }
      return try Problem(
        shape: opened.shape, primals: opened.primals, mask: nil, cotangents: opened.cotangents, domain: .any)
    },
    answered: { found, problem in
      // The gradients of masked tokens are cleared, as a kernel does that knows of them.
      guard let mask = problem.mask else { return found }
      var results = found.results
      for (quantity, tensor) in results where quantity.isPerToken {
        let width = max(1, tensor.values.count / max(1, mask.live.count))
        for i in tensor.values.indices where !mask.live[i / width] { results[quantity]?.values[i] = 0 }
      }
      return Evaluation(results: results)
    })

  /// The sums over a group of value heads leave the last head out, as if each of several shared alike.
  static let headMissing = Planted(
    "head",
    answered: { found, problem in
      let r = problem.shape.groupSize
      guard r > 1 else { return found }
      var results = found.results
      for quantity in [Quantity.dq, .dk] {
        for i in results[quantity]?.values.indices ?? 0..<0 {
          results[quantity]?.values[i] *= Double(r - 1) / Double(r)
        }
      }
      return Evaluation(results: results)
    })

  /// The last token of every row is dropped from the forward pass.
  static let lastTokenDropped = Planted(
    "drop",
    given: { problem in
      guard problem.shape.T > 1 else { return problem }
      var live = problem.mask?.live ?? [Bool](repeating: true, count: problem.shape.B * problem.shape.T)
      for b in 0..<problem.shape.B { live[(b + 1) * problem.shape.T - 1] = false }
      return try Problem(
        shape: problem.shape, primals: problem.primals,
        mask: Mask(B: problem.shape.B, T: problem.shape.T, live: live),
        cotangents: problem.cotangents, domain: .any)
    })

  /// The final state is kept in bf16.
  static let stateInHalf = Planted(
    "bf16",
    answered: { found, _ in
      var results = found.results
      results[.stateOut] = results[.stateOut].map {
        Tensor(shape: $0.shape, precision: $0.precision, values: $0.values.map(Precision.bf16.round))
      }
      return Evaluation(results: results)
    })

  /// The gradient of the decay is half of what it is.
  static let decayGradientHalved = Planted(
    "dg",
    answered: { found, _ in
      var results = found.results
      for quantity in [Quantity.dg, .da, .dA_log, .ddt_bias] {
        for i in results[quantity]?.values.indices ?? 0..<0 { results[quantity]?.values[i] *= 0.5 }
      }
      return Evaluation(results: results)
    })
}

extension Problem {
  /// The same problem with other inputs.
  func changing(_ change: (inout Primals) throws -> Void) throws -> Problem {
    var copy = primals
    try change(&copy)
    return try Problem(shape: shape, primals: copy, mask: mask, cotangents: cotangents, domain: .any)
  }
}
