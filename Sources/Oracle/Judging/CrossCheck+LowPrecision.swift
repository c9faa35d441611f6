import GatedDeltaRule
import Sweep

extension CrossCheck {
  /// Whether an error that vanishes in fp64 was made in fp32 alone: by a cast to fewer bits, say, and not by an
  /// algorithm that amplifies rounding.
  ///
  /// Such an algorithm amplifies the roundings of fp64 as it does those of fp32, so its runs in fp64 pass their own
  /// bound too, or come as near to it. One run may be exact by chance, where every number has few bits; the same
  /// problem with all numbers shaken in their last bits of fp32 is as hard and has none of that luck. An error of a
  /// few roundings in the norm is no cast: it is what fp32 leaves at its edges. Nor is one where the decay over
  /// several tokens leaves the normal numbers of fp32 and is multiplied by something large afterwards: fp64 has that
  /// range, and shows nothing of it.
  func isOfSinglePrecisionAlone(
    _ implementation: any Implementation, _ found: Disagreement, _ judgement: Judgement
  ) -> Bool {
    func isKept(_ ratios: [Quantity: Double]) -> Bool {
      !ratios.isEmpty && ratios.values.allSatisfy { $0 <= 1 && $0 * Failure.margin < found.ratio }
    }
    guard isKept(judgement.doubleRatios) else { return false }
    return (0..<UInt64(8)).allSatisfy { seed in
      // Whoever does not take it says nothing of it.
      guard let shaken = shaken(seed: seed) else { return false }
      return isKept(
        CrossCheck(shaken, recipe: recipe, threads: threads).judge(implementation).judgement.doubleRatios)
    }
  }

  /// Whether the decay over the tokens of a chunk, or of a head, is below the normal numbers of fp32 without being 0.
  func decayUnderflows(_ declaration: Declaration) -> Bool { decayFalls(below: 0x1p-126, declaration) }

  /// Whether a product of decays of live tokens of one chunk, or of any in a row, is below a limit and not zero.
  func decayFalls(below limit: Double, _ declaration: Declaration) -> Bool {
    let gates = gates(clamp: declaration.clamp)
    let (T, Hv) = (problem.shape.T, problem.shape.Hv)
    var length = T
    if case .chunked(let tokens) = declaration.form { length = max(tokens, 1) }
    for b in 0..<problem.shape.B {
      for column in 0..<Hv * gates.width {
        var product = 1.0
        for t in 0..<T {
          if t % length == 0 || product == 0 { product = 1 }
          guard problem.isLive(b, t) else { continue }
          product *= gates.g[(b * T + t) * Hv * gates.width + column]
          if product > 0, product < limit { return true }
        }
      }
    }
    return false
  }

  func isSizable(_ found: Disagreement) -> Bool {
    // db has no part in the norm.
    if found.quantity == .db { return !(found.ratio <= Failure.margin) }
    return !(found.normError <= Failure.margin * Precision.fp32.unitRoundoff)
  }

  /// The problem with every number made smaller by a little, and the cotangents 2^64 times as large. Gradients are linear
  /// in them, and a bound allows 2^-126 whatever it is relative to: where fp64 amplifies the rounding of gradients that
  /// nearly vanish, that would hide it.
  ///
  /// - Parameters:
  ///   - part: by which part of itself a number is made smaller at most.
  ///   - precision: what the numbers are rounded to.
  func shaken(seed: UInt64, by part: Double = 0x1p-24, as precision: Precision = .fp64) -> Problem? {
    var draw = Draw(seed: seed, name: "shaking")
    var draft = Draft(problem)
    for input in Input.allCases {
      guard let tensor = draft[input] else { continue }
      let scale = [.dy, .dstateOut].contains(input) ? 0x1p64 : 1
      draft[input] = Tensor(
        shape: tensor.shape, precision: precision,
        values: tensor.values.map { precision.round($0 * scale * (1 - part * draw.uniform())) })
    }
    return try? draft.problem()
  }
}
