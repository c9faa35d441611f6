import GatedDeltaRule
import Implementations
import Kernels

/// Floating-point operations of one evaluation in fp32, counted from the equations at the head of each form; a
/// multiply-add is two.
enum Operations {
  /// Nil for what is not built in.
  static func count(_ name: String, shape: Shape, gradients: Bool) -> Double? {
    let steps = Double(shape.B * shape.T * shape.Hv)
    let state = Double(shape.Dk * shape.Dv)
    switch name {
    case "sequential": return steps * state * (gradients ? forward + reverse : forward)
    case "checkpoint", "checkpoint-clamped":
      return steps * state * (gradients ? 2 * forward + reverse : forward)
    case "fused", "fused-metal":
      // Every segment but the last runs forward twice.
      let again = 1 - Double(min(shape.T, Catalogue.fusedSegment)) / Double(max(shape.T, 1))
      return steps * state * (gradients ? forward * (1 + again) + fusedReverse : forward)
    default:
      return Catalogue.chunkedForm(named: name).map { form in
        Double(shape.B * shape.Hv) * chunks(form, shape, gradients: gradients)
      }
    }
  }

  /// g s, <s~, k>, delta k and <s', q>, for each element of the state.
  private static let forward = 7.0
  /// D, <D, k>, dq, dk, D~, dg and dS, with s~ formed twice.
  private static let reverse = 19.0
  /// The same with s~ formed once and <s~, k> kept.
  private static let fusedReverse = 16.0

  /// Products of chunk size, of one value head; what is triangular counts as half, the square of a triangle as a
  /// quarter.
  private static func chunks(_ form: ChunkedForm, _ shape: Shape, gradients: Bool) -> Double {
    let (Dk, Dv, r) = (Double(shape.Dk), Double(shape.Dv), Double(shape.groupSize))
    return stride(from: 0, to: shape.T, by: form.chunk).reduce(0) { sum, first in
      let C = Double(min(form.chunk, shape.T - first))
      let state = 2 * C * Dk * Dv
      let gram = 2 * C * C * Dk / (form.gram == .perKeyHead ? r : 1)
      let columns = form.rightHandSide == .split ? Dk + Dv : Dv
      // K M, the solve, and W M where it is apart; then Q M, P U and K^T U.
      let updates =
        gram + state + powers(form.solve, C) + solve(form.solve, C, columns)
        + (form.rightHandSide == .split ? state : 0)
      let outputs = 2 * state + C * C * Dv
      guard gradients else { return sum + updates + outputs }
      // Q M, K dM, P^T dY, the solve; dA and dP; dK and dQ of pairs; three products by states and two outer ones.
      let backward =
        2 * state + C * C * Dv + solve(form.solve, C, Dv) + 2 * C * C * Dv + 4 * C * C * Dk + 5 * state
      // The last chunk's matrices still stand when the way back begins.
      let isLast = first + form.chunk >= shape.T
      return sum + (isLast ? 1 : 2) * updates + outputs + backward
    }
  }

  private static func solve(_ solve: Solve, _ C: Double, _ columns: Double) -> Double {
    guard solve.method == .doubling else { return C * C * columns }
    let b = min(Double(solve.subBlock), C)
    return C * (C - b) * columns + C / b * steps(b) * b * b * columns
  }

  /// Of doubling: P P, and so on.
  private static func powers(_ solve: Solve, _ C: Double) -> Double {
    guard solve.method == .doubling else { return 0 }
    let b = min(Double(solve.subBlock), C)
    return C / b * max(0, steps(b) - 1) * b * b * b / 2
  }

  /// ceil(log2 b).
  private static func steps(_ b: Double) -> Double {
    b <= 1 ? 0 : (b.significand == 1 ? Double(b.exponent) : Double(b.exponent) + 1)
  }
}
