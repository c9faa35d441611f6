import GatedDeltaRule
import Sweep

/// A problem of any contract as one of the plain rule, and the way back for what is answered to that:
///
///     x^ = s r x;   dx = r (s dx^ - n <n, s dx^>)               n = r x;  r = 1 / sqrt(<x, x> + epsilon), or 1
///     dlambda = g dg;   da = dlambda/da dlambda;   db = dbeta/db dbeta;   dA_log = sum dlambda/dA_log dlambda;   ddt_bias = sum da
///
/// For what computes the plain rule alone, such as a known fault or a twin. Where a gate of the model is another one the
/// problem is of core level. Numbers that are made here are rounded to fp32.
struct PlainRule {
  /// Of the plain rule.
  let problem: Problem
  private let given: Problem
  /// Where q and k are normalised or scaled.
  private let layer: QueryKeyLayer?
  /// Where the gates are not those of the plain rule.
  private let gates: GateTable?

  /// Nil where it makes no problem.
  ///
  /// - Parameters:
  ///   - format: what q and k are rounded to when they are normalised: their lengths, and then they themselves.
  ///   - seed: to which of its neighbours each goes; nil for the nearest.
  init?(_ given: Problem, normalisedIn format: Precision = .fp32, seed: UInt64? = nil) {
    let contract = given.contract.acting(at: given.level)
    let hasOwnGates = contract.gate != .softplus || contract.write != .sigmoid || contract.decay == .log
    layer = QueryKeyLayer(given)
    gates = hasOwnGates ? GateTable(given, clamp: .none) : nil
    self.given = given
    var primals = given.primals
    if let layer {
      var roundings = Roundings(format, seed)
      primals.q = PlainRule.rounded(roundings.rounded(layer.q, K: given.shape.Dk), as: primals.q.shape)
      primals.k = PlainRule.rounded(roundings.rounded(layer.k, K: given.shape.Dk), as: primals.k.shape)
    }
    if let gates { primals.gates = PlainRule.gates(of: primals, gates, given.shape) }
    let plain = try? Problem(
      shape: given.shape, primals: primals, mask: given.mask, cotangents: given.cotangents, domain: .any)
    guard let plain else { return nil }
    problem = plain
  }

  private static func rounded(_ values: some Sequence<Double>, as shape: [Int]) -> Tensor {
    Tensor(shape: shape, precision: .fp32, values: values.map(Precision.fp32.round))
  }

  /// Rows that are rounded to a coarser format than fp32, after their lengths.
  private struct Roundings {
    let format: Precision
    private var draw: Draw?

    init(_ format: Precision, _ seed: UInt64?) {
      self.format = format
      draw = seed.map { Draw(seed: $0, name: "normalised") }
    }

    mutating func rounded(_ rows: [Double], K: Int) -> [Double] {
      guard format.isCoarse else { return rows }
      var rounded = rows
      for first in stride(from: 0, to: rows.count, by: max(K, 1)) {
        let length = moved(1)
        for j in first..<first + K { rounded[j] = format.round(moved(rows[j] * length)) }
      }
      return rounded
    }

    /// By up to a unit roundoff either way.
    private mutating func moved(_ x: Double) -> Double {
      guard let chance = draw?.uniform() else { return x }
      return x * (1 + format.unitRoundoff * (2 * chance - 1))
    }
  }

  /// What a masked token holds stays there where it is a logarithm.
  private static func gates(of primals: Primals, _ table: GateTable, _ shape: Shape) -> Gates {
    switch primals.gates {
    case .core(let logDecay, let beta):
      .core(g: rounded(logDecay.values.map(Double.exp), as: logDecay.shape), beta: beta)
    case .model: .core(g: rounded(table.g, as: shape.gate), beta: rounded(table.beta, as: shape.token))
    }
  }

  /// An answer to the plain problem as one to the problem that was given.
  func raised(_ answer: Evaluation) -> Evaluation {
    var raised = answer
    raised.results = self.raised(answer.results)
    return raised
  }

  /// Results of the plain problem as those of the problem that was given.
  func raised(_ plain: [Quantity: Tensor]) -> [Quantity: Tensor] {
    var results = plain
    if let layer {
      results[.dq] = plain[.dq].map {
        layer.gradient($0, by: layer.q, layer.queryFactors, scale: layer.scale)
      }
      results[.dk] = plain[.dk].map { layer.gradient($0, by: layer.k, layer.keyFactors, scale: 1) }
    }
    if let gates { raise(&results, gates) }
    if given.contract.state != .fp32 {
      results[.stateOut] = plain[.stateOut]?.rounded(to: given.contract.state)
    }
    return results
  }

  private func raise(_ results: inout [Quantity: Tensor], _ gates: GateTable) {
    guard let dg = results[.dg], case .core(let g, _) = problem.primals.gates else { return }
    let width = dg.values.count / max(given.shape.B * given.shape.T, 1)
    let live = given.mask?.live
    // A gradient that is not zero at a masked token stays one.
    let dlambda = dg.values.indices.map { i in
      live.map { $0[i / width] } ?? true ? g.values[i] * dg.values[i] : dg.values[i]
    }
    guard given.level == .model else {
      results[.dg] = PlainRule.rounded(dlambda, as: dg.shape)
      return
    }
    let (shape, W) = (given.shape, given.shape.decayWidth)
    let da = zip(dlambda, gates.decaySlope).map { $0 * $1 }
    var dA_log = [Double](repeating: 0, count: shape.Hv)
    var ddt_bias = [Double](repeating: 0, count: shape.Hv * W)
    let isSoftplus = given.contract.gate == .softplus
    for i in da.indices {
      let rate = isSoftplus ? gates.logDecay[i] : gates.x[i] * gates.decaySlope[i]
      dA_log[i / W % shape.Hv] += dlambda[i] * rate
      ddt_bias[i % (shape.Hv * W)] += da[i]
    }
    results[.db] = results[.dbeta].map { dbeta in
      PlainRule.rounded(zip(dbeta.values, gates.writeSlope).map { $0 * $1 }, as: dbeta.shape)
    }
    results[.da] = PlainRule.rounded(da, as: shape.gate)
    if given.contract.hasRate { results[.dA_log] = PlainRule.rounded(dA_log, as: shape.A_log) }
    results[.ddt_bias] = PlainRule.rounded(ddt_bias, as: shape.dt_bias)
    (results[.dg], results[.dbeta]) = (nil, nil)
  }
}

extension QueryKeyLayer {
  /// The gradient by rows before they are normalised and scaled, from that by the rows x^ afterwards, [B, T, Hk, Dk].
  fileprivate func gradient(
    _ tensor: Tensor, by rows: [Double], _ factors: [Double], scale: Double
  ) -> Tensor {
    var gradient = tensor.values.map { $0 * scale }
    let K = factors.isEmpty ? 0 : rows.count / factors.count
    for (row, factor) in factors.enumerated() where isNormalised {
      let places = row * K..<(row + 1) * K
      let along = places.reduce(0) { $0 + rows[$1] / scale * gradient[$1] }
      for j in places { gradient[j] = factor * (gradient[j] - rows[j] / scale * along) }
    }
    return Tensor(
      shape: tensor.shape, precision: tensor.precision, values: gradient.map(tensor.precision.round))
  }
}

/// A kernel of the plain rule, given problems of any contract as problems of that; in fp64, for which the numbers are not
/// exact enough, those of the plain rule alone.
package struct ByPlainRule: Implementation {
  private let kernel: any Implementation

  /// A kernel that takes problems for those of the plain rule.
  package init(_ kernel: any Implementation) { self.kernel = kernel }

  package var name: String { kernel.name }
  package var summary: String { kernel.summary }
  package var declaration: Declaration { ByPlainRule.ofAnyContract(kernel.declaration) }
  package func declaration(for problem: Problem) -> Declaration {
    ByPlainRule.ofAnyContract(kernel.declaration(for: problem))
  }
  private static func ofAnyContract(_ declaration: Declaration) -> Declaration {
    var declaration = declaration
    declaration.contract = nil
    return declaration
  }
  package func startAfresh() { kernel.startAfresh() }

  package func refusal(of problem: Problem) -> String? {
    guard !problem.isOfFirstModels else { return kernel.refusal(of: problem) }
    guard let plain = PlainRule(problem) else { return "it makes no problem of the plain rule" }
    return kernel.refusal(of: plain.problem)
  }

  package func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
    guard !problem.isOfFirstModels else { return try kernel.evaluate(problem, request: request) }
    guard request.arithmetic == .working, let plain = PlainRule(problem) else {
      throw Refusal("it makes no problem of the plain rule in fp64")
    }
    return plain.raised(try kernel.evaluate(plain.problem, request: request))
  }
}
