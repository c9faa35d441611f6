import GatedDeltaRule
import Generator

extension Explanation {
  /// The danger that the case looks like, by its name in the generator, and what is known of it.
  package var likelyCause: String {
    if let otherRule {
      return "it computes another rule: in fp32 its answers are those of --contract \(otherRule)"
    }
    if let broken = result.brokenProperty {
      if let cause = sessionCause(of: broken) { return cause }
      return "matches the reference but violates property \(broken.name): see its theorem in the properties"
    }
    if case .memory = result.judgement.verdict {
      return "memory: an index, a stride or a mask of a load or a store; what was seen says of which tensor"
    }
    guard case .disagrees(let disagreement) = result.judgement.verdict else {
      return "the implementation gave no answer"
    }
    let matters = Set(parts)
    switch disagreement.cause {
    case .unstable where [.da, .db, .dA_log, .ddt_bias].contains(disagreement.quantity) && recipe.T == 1:
      return
        "gates: softplus, exp(A_log) or a sigmoid that loses digits at this argument, as log(1 + e^x) does"
    case .unstable where recipe.T > 1 && (matters.contains("keys") || recipe.Dk == 1):
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
    case .systematic:
      return
        "a factor or a term that is off by a little everywhere: a missing or doubled scale, a constant of fewer digits"
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
