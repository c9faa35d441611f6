import GatedDeltaRule

/// What a declaration makes of the gates before they act: a floor under the decay, then one rounding to nearest, ties to
/// even, of the decay and of the write strength. Gradients go through a rounding as if it were none.
package struct DeclaredGates: Hashable {
  /// The floor under the decay.
  package var clamp: Declaration.Clamp
  /// The format that beta is rounded to, and that of g; finer ones than fp32's round nothing.
  package var beta: Precision, decay: Precision

  /// The gates as the rule has them, but for a floor.
  package init(clamp: Declaration.Clamp) { (self.clamp, beta, decay) = (clamp, .fp32, .fp32) }

  /// As declared.
  package init(_ declaration: Declaration) {
    (clamp, beta, decay) = (declaration.clamp, declaration.betaPrecision, declaration.decayPrecision)
  }

  /// Whether anything is rounded.
  package var areRounded: Bool { beta.isCoarse || decay.isCoarse }
}

extension GateTable {
  /// What declared formats change of the gates of a problem: a format that holds them all as they are is none.
  package static func acting(_ declared: DeclaredGates, on problem: Problem) -> DeclaredGates {
    guard declared.areRounded, case .core(let g, let beta) = problem.primals.gates else { return declared }
    let width = problem.shape.decayWidth
    // A logarithm becomes a factor inside, which no format is known to hold.
    if problem.contract.decay == .log { return declared }
    var acting = DeclaredGates(clamp: declared.clamp)
    forEachLive(problem) { token in
      if declared.beta.round(beta.values[token]) != beta.values[token] { acting.beta = declared.beta }
      for i in token * width..<(token + 1) * width where declared.decay.round(g.values[i]) != g.values[i] {
        acting.decay = declared.decay
      }
    }
    return acting
  }
}
