import GatedDeltaRule
import Sweep

/// The softplus of some libraries, torch's among them, is its argument past a threshold of 20:
///
///     |softplus(x) - x| = log(1 + e^-x) <= 2.1e-9 for x > 20
///
/// That is far inside what fp32 rounds, and seen in fp64 alone. It is a property of the library, not of the kernel.
extension CrossCheck {
  /// From where on.
  static let softplusThreshold = 20.0

  /// What is said of it.
  static let softplusNote =
    "in fp64 softplus is exact only up to \(Int(softplusThreshold)), the threshold of torch: within fp32's bound"

  /// Whether a run in fp64 keeps to its bounds if softplus is its argument past the threshold; its slope there may be 1,
  /// or the sigmoid all the same.
  func isExactButForSoftplus(_ answer: Evaluation, declaration: Declaration) -> Bool {
    guard problem.level == .model, problem.contract.gate == .softplus,
      gates(clamp: .none).x.contains(where: { $0 > CrossCheck.softplusThreshold })
    else { return false }
    return [true, false].contains { isSlopeOne in
      let gates = GateTable(
        problem, DeclaredGates(declaration),
        softplus: .linear(past: CrossCheck.softplusThreshold, isSlopeOne: isSlopeOne))
      let reference = Reference(problem, gates: gates, clamp: declaration.clamp, threads: threads)
      let comparisons = compareDouble(answer, declaration: declaration, with: reference)
      return !comparisons.isEmpty && comparisons.allSatisfy { $0.ratio <= 1 }
    }
  }
}
