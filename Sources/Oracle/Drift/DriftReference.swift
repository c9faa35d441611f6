import GatedDeltaRule
import Sweep

/// The state of the rule in fp64, from call to call and never from anybody's answer, and beside it what the state of an
/// implementation may be off by.
///
/// With E_n the bound on the 2-norm of the error of a row after call n, what the sweep carries over the tokens of call
/// n + 1 starts from E_n in place of 0 (see `Sweep.advance`); to leave the state in a format of roundoff p and underflow
/// eta at the end of the call then costs
///
///     E <- (1 + p) E + p |s| + sqrt(K) eta
///
/// and nothing where it stays fp32, which the sweep has counted. A token multiplies E by max_j g_j max(1, |1 - beta |k|^2|)
/// at most, so that E grows until what the decay takes is what a call adds; where p is more than the decay takes in a call
/// it grows without end, but never past the largest state that there is.
struct DriftReference {
  /// [B, Hv, Dv, Dk], fp64; nil before the first call.
  private(set) var state: Tensor?
  /// Of the rows, [B, Hv, Dv].
  private var errors: [Double] = []

  /// No element of a state that is finite is larger.
  private static let largest = 0x1p128

  /// One call further.
  ///
  /// - Parameters:
  ///   - call: its tokens, from any state.
  ///   - gates: those that `declaration` makes of them.
  mutating func advance(_ call: Problem, gates: GateTable, for declaration: Declaration) throws {
    let (reference, bound) = Bound.measure(
      try call.from(state), gates: gates, for: declaration, arithmetic: .working, gradients: false,
      stateErrors: errors)
    guard let next = reference[.stateOut], let ofNext = bound[.stateOut] else { return }
    let (K, format) = (call.shape.Dk, call.contract.state)
    let root = Double(K).squareRoot()
    let (roundoff, underflow) = format.isCoarse ? (format.unitRoundoff, format.underflow) : (0, 0)
    let floor = declaration.floor * next.largestMagnitude * root
    errors = (0..<next.values.count / K).map { row in
      let norm = next.values[row * K..<(row + 1) * K].reduce(0) { $0 + $1 * $1 }.squareRoot()
      let error = (1 + roundoff) * (ofNext.values[row * K] + floor) + roundoff * norm + root * underflow
      return min(error, norm + root * DriftReference.largest)
    }
    state = next
  }

  /// What a state may be off by in the Frobenius norm, relative to the reference.
  var bound: Double {
    let size = (state?.values ?? []).reduce(0) { $0 + $1 * $1 }.squareRoot()
    return RelativeError.quotient(errors.reduce(0) { $0 + $1 * $1 }.squareRoot(), size)
  }

  /// ||S - S_ref|| / ||S_ref|| in the Frobenius norm; infinite for what is no state.
  func error(of found: Tensor?) -> Double { RelativeError(of: found, from: state).frobenius }
}
