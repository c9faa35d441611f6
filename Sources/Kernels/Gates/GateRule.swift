import GatedDeltaRule

/// How an implementation turns what it is given into decay and write strength.
package struct GateRule: Hashable, Sendable {
  /// A floor under the decay.
  package var clamp: Declaration.Clamp = .none
  /// Whether g is rounded to the format of `a` (at core level, of `g`), as a kernel does that keeps its gates in
  /// the input's type.
  package var roundsDecay = false
  /// Whether g and beta are rounded to the format of q, as a kernel does whose inputs have all one type.
  package var roundsToInputs = false
  /// Whether the gradient that a kernel brings back is one by log g, and not by g.
  var gradientIsByLog = false

  /// By default nothing.
  package init(clamp: Declaration.Clamp = .none, roundsDecay: Bool = false, roundsToInputs: Bool = false) {
    (self.clamp, self.roundsDecay, self.roundsToInputs) = (clamp, roundsDecay, roundsToInputs)
  }

  /// beta as it acts.
  func apply<R: Real>(toWrite beta: R, inputs: Precision) -> R {
    roundsToInputs && GateRule.isCoarse(inputs) ? R(inputs.round(beta.double)) : beta
  }

  /// Of a kernel that takes log g at any size and brings back the gradient by it: none where g is 0.
  static let logarithm: GateRule = {
    var rule = GateRule(clamp: .logDecay(floor: -1000))
    rule.gradientIsByLog = true
    return rule
  }()

  /// g, and whether a gradient passes through it.
  func apply<R: Real>(toDecay g: R, precision: Precision) -> (g: R, passes: Bool) {
    var result = g
    var passes = true
    switch clamp {
    case .none: break
    case .decay(let floor):
      passes = g.double > floor
      if g < R(floor) { result = R(floor) }
    case .forwardDecay: preconditionFailure("a floor for outputs alone is the matter of a kernel")
    case .logDecay(let floor):
      let least = R.exp(R(floor))
      // Written so that a NaN passes on.
      passes = !(g < least)
      if !passes { result = least }
    }
    return (rounded(result, precision), passes)
  }

  /// The same from lambda and exp(lambda); a floor under lambda is set there, since exp and back would move the kink.
  func apply<R: Real>(toLogDecay lambda: R, decay g: R, precision: Precision) -> (g: R, passes: Bool) {
    guard case .logDecay(let floor) = clamp else { return apply(toDecay: g, precision: precision) }
    // Written so that a NaN passes on.
    let passes = !(lambda < R(floor))
    return (rounded(passes ? g : R.exp(R(floor)), precision), passes)
  }

  private func rounded<R: Real>(_ g: R, _ precision: Precision) -> R {
    roundsDecay || (roundsToInputs && GateRule.isCoarse(precision)) ? R(precision.round(g.double)) : g
  }

  /// Whether a format of inputs is one that a run in fp64 rounds to as well: fp32 is what it stands in for.
  private static func isCoarse(_ format: Precision) -> Bool {
    format.unitRoundoff > Precision.fp32.unitRoundoff
  }
}
