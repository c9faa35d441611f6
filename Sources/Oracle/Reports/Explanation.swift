import GatedDeltaRule
import Generator

/// What a failing recipe says of its cause.
public struct Explanation: Sendable {
  /// The case.
  public let recipe: Recipe
  /// The oracle's word.
  public let judgement: Judgement
  /// The property that is violated, where the implementation agrees with the reference.
  public let property: String?
  /// Parts of the recipe without which the failure is gone.
  public let parts: [String]
  /// The first token whose output departs, in the order of the recurrence.
  public let firstOutput: Place?
  /// The last token whose gradient departs: the first in the order of the reverse sweep.
  public let firstGradient: Place?

  /// Where an implementation leaves the reference.
  public struct Place: Hashable, Sendable {
    /// In which result.
    public let quantity: Quantity
    /// Batch row and token.
    public let b: Int, t: Int
    /// Error over bound there.
    public let ratio: Double
  }

  /// Changes each part of the recipe to its plainest and looks whether the failure stays.
  ///
  /// - Returns: nil if the implementation does not fail on the recipe.
  public init?(_ recipe: Recipe, _ implementation: any Implementation) throws {
    let check = CrossCheck(try recipe.render())
    let judgement = check.judge(implementation)
    guard let failure = Court.failure(of: implementation, on: recipe) else { return nil }
    property = Property.named(failure.kind)?.name
    self.recipe = recipe
    self.judgement = judgement
    parts = recipe.madePlain().filter { _, plainer in
      guard let found = Court.failure(of: implementation, on: plainer, like: failure) else { return true }
      return !failure.isShown(by: found)
    }.map(\.part)
    let evaluation = try? implementation.evaluate(check.problem, request: Request(recipe: recipe.text))
    let ratios = evaluation.map { check.ratios($0, implementation.declaration(for: check.problem)) } ?? [:]
    firstOutput = Explanation.place(in: [.y], ratios, check.problem, fromEnd: false)
    firstGradient = Explanation.place(
      in: [.dv, .dbeta, .db, .dq, .dk, .da, .dg], ratios, check.problem, fromEnd: true)
  }

  /// The first token, in the order of the sweep, that is past its bound in one of these quantities.
  private static func place(
    in quantities: [Quantity], _ ratios: [Quantity: [Double]], _ problem: Problem, fromEnd: Bool
  ) -> Place? {
    let shape = problem.shape
    let order = fromEnd ? Array((0..<shape.T).reversed()) : Array(0..<shape.T)
    for t in order {
      for b in 0..<shape.B where problem.isLive(b, t) {
        for quantity in quantities {
          guard let all = ratios[quantity], shape.T > 0 else { continue }
          let width = all.count / (shape.B * shape.T)
          let worst = all[(b * shape.T + t) * width..<(b * shape.T + t + 1) * width].reduce(0) {
            $1 <= $0 ? $0 : $1
          }
          guard worst <= 1 else { return Place(quantity: quantity, b: b, t: t, ratio: worst) }
        }
      }
    }
    return nil
  }

  /// The danger that the case looks like, by its name in the generator, and what is known of it.
  public var likelyCause: String {
    guard case .disagrees(let disagreement) = judgement.verdict else {
      return property.map { "it obeys the reference and not itself: see \($0) in the properties" }
        ?? "the implementation gave no answer"
    }
    let matters = Set(parts)
    switch disagreement.cause {
    case .unstable where matters.contains("keys") || recipe.Dk == 1:
      return
        "collinear keys with beta near 1: the triangular solve sums terms that grow with the sub-block and cancel; "
        + "substitution, or a smaller sub-block, is stable"
    case .unstable: return "an algorithm that amplifies rounding on this input"
    case .lowPrecision: return "precision: something is kept in 16 bits, or multiplied in them, in fp32 alone"
    case .nonFinite where matters.contains("pad") || matters.contains("mask"):
      return "padding: what a masked token holds is multiplied by zero, not selected away"
    case .nonFinite where matters.contains("decay"):
      return
        "extreme decay: the logarithm of a vanished gate, or an exponential of a difference that overflows"
    case .nonFinite: return "overflow, or a value that was never written"
    case .wrongFormula, .unknown: return formula(disagreement, matters)
    }
  }

  private func formula(_ disagreement: Disagreement, _ matters: Set<String>) -> String {
    if disagreement.test == .mask { return "mask: a masked token must have no gradient at all" }
    if matters.contains("mask") {
      return "mask: a masked token must leave the state as it is, decay included"
    }
    if matters.contains("batch rows") { return "batch: something flows from one row into another" }
    if matters.contains("several heads") {
      return "heads: value head h reads key head h / (Hv / Hk), and dq, dk are sums over the group"
    }
    if disagreement.quantity == .dA_log || disagreement.quantity == .ddt_bias || disagreement.quantity == .da
    {
      return "gates: softplus, exp(A_log), or their gradients"
    }
    if matters.contains("precision") { return "precision: something is kept in 16 bits that should not be" }
    if matters.contains("decay") { return "decay: its place in the step, a floor under it, or its gradient" }
    if matters.contains("state") { return "state: how it comes in, or its gradient" }
    if matters.contains("dstate") { return "the cotangent of the final state" }
    return disagreement.quantity.isGradient
      ? "a term of the backward pass is missing or misplaced" : "the recurrence itself"
  }
}
