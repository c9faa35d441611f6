import GatedDeltaRule
import Generator

extension Explanation {
  /// What is known of the cause, and whether it is known or merely what such a case suggests.
  package struct Cause: Hashable, Sendable {
    /// In a sentence.
    package let text: String
    /// Whether the rule that says so fits: otherwise it is one of several causes that look like this.
    package let isLikely: Bool

    package static func likely(_ text: String) -> Cause { Cause(text: text, isLikely: true) }
    package static func perhaps(_ text: String) -> Cause { Cause(text: text, isLikely: false) }
  }

  /// The danger that the case looks like, by its name in the generator, and what is known of it.
  package var cause: Cause {
    if let otherRule {
      if let epsilon = otherRule.epsilonText(inPlaceOf: recipe.contract) {
        return .likely("\(epsilon): in fp32 its answers are those of --contract \(otherRule)")
      }
      return .likely("it computes another rule: in fp32 its answers are those of --contract \(otherRule)")
    }
    if isThroughLogarithm {
      return .perhaps(
        "g has been through a logarithm, and lost |log g| roundings: what takes log g declares the clamp log:-1000, or the "
          + "contract decay=log")
    }
    if let broken = result.brokenProperty {
      if let cause = sessionCause(of: broken) { return .perhaps(cause) }
      if let results = underlying?.results {
        return .perhaps(
          "it agrees here, and not on the problem that property \(broken.name) makes of this one: "
            + "\(results.map(\.rawValue).joined(separator: ", ")) wrong there, by the reference")
      }
      if broken.name == Property.residual.name {
        return .likely(
          "S k, or W S, is rounded before it is subtracted: a write vanishes where the state nearly predicts v "
            + "(a declaration of products in 16 bits may say so, residual: products)")
      }
      return .perhaps(
        "matches the reference but violates property \(broken.name): see its theorem in the properties")
    }
    if case .memory = result.judgement.verdict {
      return .likely(
        "memory: an index, a stride or a mask of a load or a store; what was seen says of which tensor")
    }
    guard case .disagrees(let disagreement) = result.judgement.verdict else {
      return .likely("the implementation gave no answer")
    }
    if let cause = likeness { return cause }
    let matters = Set(parts)
    switch disagreement.cause {
    case .unstable: return instability(disagreement, matters)
    case .lowPrecision:
      return .likely("precision: something is kept in 16 bits, or multiplied in them, in fp32 alone")
    case .nonFinite: return overflow(matters)
    case .systematic:
      return .perhaps(
        "a factor or a term that is off by a little everywhere: a missing or doubled scale, a constant of fewer digits"
      )
    case .wrongFormula, .unknown: return look(disagreement) ?? formula(disagreement, matters)
    }
  }

  /// The known fault that it answers like: the more there are, the less that says.
  private var likeness: Cause? {
    guard let first = alike.first else { return nil }
    let sentences = alike.map(\.sentence)
    let others = sentences.dropFirst().filter { $0 != first.sentence }
    let text = "it answers like the known fault \(first.name): \(first.sentence)"
    if others.isEmpty { return .likely(text) }
    let more =
      others.prefix(2).map { "or: \($0)" } + (others.count > 2 ? ["or \(others.count - 2) others"] : [])
    return .perhaps(([text] + more).joined(separator: "; "))
  }

  private func instability(_ disagreement: Disagreement, _ matters: Set<String>) -> Cause {
    if [.da, .db, .dA_log, .ddt_bias].contains(disagreement.quantity), recipe.T == 1 {
      return .likely(
        "gates: softplus, exp(A_log) or a sigmoid that loses digits at this argument, as log(1 + e^x) does")
    }
    if recipe.T > 1, matters.contains("keys") || recipe.Dk == 1 {
      return .likely(
        "collinear keys with beta near 1: the triangular solve sums terms that grow with the sub-block and cancel; "
          + "substitution, or a smaller sub-block, is stable")
    }
    return .perhaps("an algorithm that amplifies rounding on this input")
  }

  private func overflow(_ matters: Set<String>) -> Cause {
    // What a masked token holds can do nothing where it holds zeros.
    if matters.contains("pad") {
      return .likely("padding: what a masked token holds is multiplied by zero, not selected away")
    }
    if matters.contains("mask") {
      return .perhaps("mask: a masked token, or a row without a live one, makes something infinite")
    }
    if matters.contains("decay") {
      return .perhaps(
        "extreme decay: the logarithm of a vanished gate, or an exponential of a difference that overflows")
    }
    return .perhaps("overflow, or a value that was never written")
  }

  /// The one gradient that is off, here, on a wider case and as it was met, where all else is right.
  private var onlyGradient: Quantity? {
    let off = Set(
      ([pattern, wider?.pattern].compactMap(\.self) + telling).flatMap { $0.parts.map(\.quantity) })
    return off.count == 1 ? off.first.flatMap { $0.isGradient ? $0 : nil } : nil
  }

  private func formula(_ disagreement: Disagreement, _ matters: Set<String>) -> Cause {
    if disagreement.test == .mask { return .likely("mask: a masked token must have no gradient at all") }
    if matters.contains("pad") {
      return .likely("padding: what a masked token holds reaches a live one")
    }
    if matters.contains("mask") {
      return .perhaps("mask: a masked token must leave the state as it is, decay included")
    }
    if matters.contains("batch rows") { return .perhaps("batch: something flows from one row into another") }
    if matters.contains("several heads") {
      return .perhaps("heads: value head h reads key head h / (Hv / Hk), and dq, dk are sums over the group")
    }
    if let alone = onlyGradient {
      return .perhaps("a term of \(alone.rawValue) is missing or misplaced: all other results are right")
    }
    if matters.contains("dt_bias") || matters.contains("A_log")
      || [.dA_log, .ddt_bias, .da].contains(disagreement.quantity)
    {
      return .perhaps("gates: softplus, exp(A_log), dt_bias, or their gradients")
    }
    if matters.contains("precision") {
      return .perhaps("precision: something is kept in 16 bits that should not be")
    }
    if matters.contains("decay") {
      return .perhaps("decay: its place in the step, a floor under it, or its gradient")
    }
    if matters.contains("state") { return .perhaps("state: how it comes in, or its gradient") }
    if matters.contains("dstate") { return .perhaps("the cotangent of the final state") }
    return .perhaps(
      disagreement.quantity.isGradient
        ? "a term of the backward pass is missing or misplaced" : "the recurrence itself")
  }
}
