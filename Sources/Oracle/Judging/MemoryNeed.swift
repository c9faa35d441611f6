import GatedDeltaRule
import Machine

/// What judging an implementation on a problem takes of the memory, from the shape alone: a case may be a line of text
/// and need more than there is, and a process that asks for that is ended by the system.
///
///     inputs, and gradients as large as they are                                       E doubles each
///     the problem; the reference with and without a clamp; bounds, in both arithmetics, of both forms and with the
///     clamp; what a sweep fills in; two answers; tolerances; problems of properties     22 E
///     an evaluation's own inputs and results, rows padded to vectors of eight           2 P
///     states that the sweep, or the implementation, keeps                               the larger
package struct MemoryNeed: Hashable, Sendable {
  /// In all, at most so much.
  package let bytes: Double

  /// To judge it.
  package init(judging implementation: any Implementation, on shape: Shape, threads: Int) {
    let states = max(
      MemoryNeed.ofSweep(shape, threads), implementation.workingBytes(for: shape, threads: threads))
    bytes = 8 * (22 * MemoryNeed.elements(shape) + 2 * MemoryNeed.padded(shape)) + states
  }

  /// To evaluate it alone, with nothing to compare with.
  package init(evaluating implementation: any Implementation, on shape: Shape, threads: Int) {
    bytes =
      8 * (2 * MemoryNeed.elements(shape) + 2 * MemoryNeed.padded(shape))
      + implementation.workingBytes(for: shape, threads: threads)
  }

  /// Whether there is so much; if not, why the case is not evaluated.
  package var refusal: String? {
    guard bytes > Double(Memory.limit) else { return nil }
    let limit = MemoryNeed.text(Double(Memory.limit))
    return "not evaluated: needs \(MemoryNeed.text(bytes)) of memory, \(limit) can be had"
  }

  private static func text(_ bytes: Double) -> String {
    bytes < 1e9 ? "\(Report.number((bytes / 1e6).rounded(.up))) MB" : "\(Report.number(bytes / 1e9)) GB"
  }

  /// Of all inputs, were all present; of all results as many.
  private static func elements(_ shape: Shape) -> Double { count(shape, Dk: shape.Dk, Dv: shape.Dv) }

  private static func padded(_ shape: Shape) -> Double {
    count(shape, Dk: (shape.Dk + 7) / 8 * 8, Dv: (shape.Dv + 7) / 8 * 8)
  }

  private static func count(_ shape: Shape, Dk: Int, Dv: Int) -> Double {
    let (tokens, Hk, Hv) = (Double(shape.B) * Double(shape.T), Double(shape.Hk), Double(shape.Hv))
    let (Dk, Dv) = (Double(Dk), Double(Dv))
    let gates = Hv * (shape.decayKind == .perChannel ? Dk : 1) + Hv
    return tokens * (2 * Hk * Dk + 2 * Hv * Dv + gates) + 2 * Double(shape.B) * Hv * Dv * Dk
  }

  /// States of one segment and those at the boundaries of all, for each thread.
  private static func ofSweep(_ shape: Shape, _ threads: Int) -> Double {
    let states = Double(min(64, shape.T) + shape.T / 64 + 4)
    return states * Double(shape.Dk) * Double(shape.Dv + 3) * 8 * Double(max(1, min(threads, shape.Hk)))
  }
}
