import GatedDeltaRule

extension Twin {
  /// x to a neighbour in fp32, the nearer the likelier, and the same x to the same neighbour: as an elementary function
  /// rounds. Where one gate acts on every token its rounding is no noise, it adds up.
  ///
  /// - Parameter seed: other seeds, other neighbours.
  package static func steadilyRounded(_ x: Double, seed: UInt64) -> Double {
    let near = Float(x)
    guard Double(near) != x, near.isFinite else { return Double(near) }
    let other = Double(near) < x ? near.nextUp : near.nextDown
    let chance = (x - Double(near)) / (Double(other) - Double(near))
    return Double(steadyDraw(x, seed) < chance ? other : near)
  }

  /// x, off by no more than this part of it, and the same x by the same part: as what elementary functions make of it is,
  /// one after the other.
  package static func steadilyOff(_ x: Double, by size: Double, seed: UInt64) -> Double {
    x * (1 + size * (2 * steadyDraw(x, seed) - 1))
  }

  /// Between 0 and 1, the same for the same x.
  private static func steadyDraw(_ x: Double, _ seed: UInt64) -> Double {
    Double(Dice.mixed(seed, x.bitPattern) >> 11) * 0x1p-53
  }

  /// By which part a g that is made of a logarithm, or of one that is taken of it, may be off.
  package static func error(ofGateWithLogarithm lambda: Double) -> Double {
    Precision.fp32.unitRoundoff * (4 + 2 * lambda.magnitude)
  }
}
