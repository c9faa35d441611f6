import GatedDeltaRule
import Machine
import Sweep

extension CrossCheck {
  /// The worst element of the first rule that is broken, or nil if none is.
  func disagreement(
    _ evaluation: Evaluation, _ working: [Comparison], _ double: Evaluation?, _ exact: [Comparison],
    _ declaration: Declaration, _ exactness: Exact? = nil
  ) -> Disagreement? {
    let inWorking = working.max { $0.ratio < $1.ratio }
    let inDouble = exact.max { $0.ratio < $1.ratio }
    let (answer, worst, test): (Evaluation, Comparison, Disagreement.Test)
    if let inWorking, !(inWorking.ratio <= 1) {
      (answer, worst, test) = (
        evaluation, inWorking, inWorking.leaks ? .mask : exactness == nil ? .bound : .exact
      )
    } else if let double, let inDouble, !(inDouble.ratio <= 1) {
      (answer, worst, test) = (double, inDouble, inDouble.leaks ? .mask : .double)
    } else {
      return nil
    }
    let roundoffExponent = roundoffExponent(of: worst.quantity, working, exact, declaration)
    var cause = cause(of: worst, roundoffExponent: roundoffExponent)
    // What rounds nothing amplifies no rounding.
    if test == .exact, cause == .unstable { cause = .lowPrecision }
    var disagreement = Disagreement(
      test: test, quantity: worst.quantity,
      index: coordinates(of: worst.worst, in: worst.quantity.shape(in: problem.shape)),
      expected: reference(for: declaration)[worst.quantity]?.values[worst.worst] ?? .nan,
      found: answer[worst.quantity]?.values[worst.worst] ?? .nan, ratio: worst.ratio,
      roundoffExponent: roundoffExponent,
      cause: cause, normError: normError(working, declaration))
    if test == .exact {
      var exemption: Disagreement.Exact.Exemption?
      if case .butFor(let rounding)? = exactness, let o = reference(for: declaration)[worst.quantity] {
        let allowed = allowance(worst.quantity, o, .butFor(rounding), declaration, storedAs: .fp64)
        if allowed.values[worst.worst] > 0 { exemption = rounding }
      }
      disagreement.exact = Disagreement.Exact(format: formats(of: declaration), exemption: exemption)
    }
    return disagreement
  }

  /// log2(error in fp32 / error in fp64) / 29 in the Frobenius norm. Where fp32 happens to be exact or nearly so, one
  /// rounding of the terms that cancel stands for its error: a formula that is right on these values is not wrong, but
  /// rounding in fp64 may show.
  private func roundoffExponent(
    of quantity: Quantity, _ working: [Comparison], _ exact: [Comparison], _ declaration: Declaration
  ) -> Double? {
    guard let single = working.first(where: { $0.quantity == quantity }),
      let double = exact.first(where: { $0.quantity == quantity }), single.error.isFinite,
      double.error.isFinite
    else { return nil }
    let terms = terms(of: quantity, declaration)
    let error = max(single.error, (terms.isFinite ? terms : 0) * Precision.fp32.unitRoundoff)
    guard error > 0 else { return nil }
    return double.error == 0 ? .infinity : (log2(error) - log2(double.error)) / 29
  }

  private func cause(of worst: Comparison, roundoffExponent: Double?) -> Disagreement.Cause {
    if worst.isNonFinite { return .nonFinite }
    if worst.leaks { return .wrongFormula }
    guard let roundoffExponent else { return .unknown }
    return roundoffExponent < 0.5 ? .wrongFormula : .unstable
  }

  /// The worst of the quantities that are past their bound, but db: honest fp32 loses that one too, where beta
  /// rounds to 1.
  ///
  /// An error is measured by its quantity, or by the terms that cancel in it: the bound over `Bound.rounding`.
  private func normError(_ working: [Comparison], _ declaration: Declaration) -> Double {
    working.reduce(0) { worst, comparison in
      guard comparison.quantity != .db, !(comparison.ratio <= 1) else { return worst }
      let size = max(comparison.size, terms(of: comparison.quantity, declaration))
      return max(worst, RelativeError.quotient(comparison.error, size))
    }
  }

  /// The size of the terms that cancel in a quantity, in the Frobenius norm.
  func terms(of quantity: Quantity, _ declaration: Declaration) -> Double {
    let bound = bound(for: declaration)[quantity]
    return (bound?.values.reduce(0) { $0 + $1 * $1 } ?? 0).squareRoot() / Bound.rounding(problem.shape)
  }

  /// The distance of an answer from the rule without its clamp, where the clamp acts.
  func deviation(of answer: Evaluation, _ declaration: Declaration) -> [Quantity: Double] {
    guard reference(for: declaration).clamp != .none,
      gates(clamp: .none).comesNear(declaration.clamp, problem)
    else { return [:] }
    var declared = DeclaredGates(declaration)
    declared.clamp = .none
    let unclamped = reference(declared, gradients: true)
    var deviation: [Quantity: Double] = [:]
    for (quantity, found) in answer.results {
      guard let o = unclamped[quantity] else { continue }
      deviation[quantity] = RelativeError(of: found, from: o, quantity, on: problem).frobenius
    }
    return deviation
  }
}
