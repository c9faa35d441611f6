import GatedDeltaRule
import Sweep

/// Amplified rounding is tolerated, so that nothing else may pass for it.
extension CrossCheck {
  /// What an error is that looks like amplified rounding and is none; nil if nothing speaks against it. An error of a few
  /// roundings is no cast, and where the decay leaves the normal numbers of fp32 fp64 shows nothing of it.
  func causeBesideAmplification(
    _ implementation: any Implementation, _ declaration: Declaration, _ found: Disagreement,
    _ judgement: Judgement
  ) -> Disagreement.Cause? {
    guard found.cause == .unstable, found.test != .mask else { return nil }
    if found.test == .bound {
      guard isSizable(found) else { return nil }
      // The decay of one token alone is looked at there.
      if isWrongInOneToken(implementation) { return .lowPrecision }
    }
    guard !decayUnderflows(declaration) else { return nil }
    if found.test == .bound, isOfSinglePrecisionAlone(implementation, found, judgement) {
      return .lowPrecision
    }
    return unlikeness(implementation, found, judgement)
  }

  /// Tokens that are looked at alone.
  private static let tokensAlone = 4

  /// Whether one token of the problem, as a problem of its own, is far past the bound too: there is nothing in it that
  /// an algorithm could amplify.
  private func isWrongInOneToken(_ implementation: any Implementation) -> Bool {
    let (T, count) = (problem.shape.T, min(problem.shape.T, CrossCheck.tokensAlone))
    return (0..<count).contains { number in
      var draft = Draft(problem)
      draft.select(.T, [number * T / count])
      guard let alone = try? draft.problem(), implementation.refusal(of: alone) == nil,
        let answer = try? implementation.evaluate(alone, request: Request(recipe: recipe, threads: threads))
      else { return false }
      let check = CrossCheck(alone, recipe: recipe, threads: threads)
      let declaration = implementation.declaration(for: alone, answering: answer)
      let judgement = check.judge(evaluation: answer, double: nil, declaration: declaration)
      guard case .disagrees(let found) = judgement.verdict, !judgement.isOverflow,
        !check.decayUnderflows(declaration),
        !(found.normError <= Failure.margin * Precision.fp32.unitRoundoff)
      else { return false }
      // Honest fp32 loses db where beta rounds to 1.
      return judgement.ratios.contains { $0.key != .db && !($0.value <= Failure.margin) }
    }
  }

  /// Copies of a problem that take the luck out of a comparison of two arithmetics.
  private static let copies: UInt64 = 8

  /// What follows if fp32 and fp64 are not amplified alike.
  ///
  /// Both runs make the same roundings but for their size, so that error over bound is the same in distribution: a sum of
  /// many roundings, each amplified by the same number. The larger of eight such ratios passes ten times the larger of
  /// eight others less than once in a million, if the sums are normal and of one result alone; of more results less
  /// often. Cotangents are 2^64 times as large, as in `shaken`.
  private func unlikeness(
    _ implementation: any Implementation, _ found: Disagreement, _ judgement: Judgement
  ) -> Disagreement.Cause? {
    func isAlike(_ one: Double, _ other: Double) -> Bool {
      one <= Failure.margin * other && other <= Failure.margin * one
    }
    guard problem.primals.q.precision == .fp32, let single = judgement.ratios[found.quantity],
      let double = judgement.doubleRatios[found.quantity], !(double <= 1), !isAlike(single, double)
    else { return nil }
    var largest = (single: 0.0, double: 0.0)
    for seed in 0..<CrossCheck.copies {
      guard let (single, double) = ratios(of: found.quantity, implementation, onCopy: seed) else {
        return nil
      }
      // A NaN stays one.
      largest.single = single <= largest.single ? largest.single : single
      largest.double = double <= largest.double ? largest.double : double
    }
    if isAlike(largest.single, largest.double) { return nil }
    return largest.double <= largest.single ? .lowPrecision : .wrongFormula
  }

  /// Error over bound in both arithmetics, on the problem with all numbers shaken in the last bits of fp32.
  private func ratios(
    of quantity: Quantity, _ implementation: any Implementation, onCopy seed: UInt64
  ) -> (single: Double, double: Double)? {
    guard let copy = shaken(seed: seed, by: 0x1p-20, as: .fp32), implementation.refusal(of: copy) == nil,
      let single = try? implementation.evaluate(copy, request: Request(recipe: recipe, threads: threads)),
      let double = try? implementation.evaluate(
        copy, request: Request(arithmetic: .double, recipe: recipe, threads: threads))
    else { return nil }
    let declaration = implementation.declaration(for: copy, answering: single)
    let judgement = CrossCheck(copy, recipe: recipe, threads: threads)
      .judge(evaluation: single, double: double, declaration: declaration)
    guard !judgement.isOverflow, let one = judgement.ratios[quantity],
      let other = judgement.doubleRatios[quantity]
    else { return nil }
    return (one, other)
  }
}
