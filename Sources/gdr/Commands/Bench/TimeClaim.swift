import Foundation

/// What a worker says of its own time, held against the clock of the one who asks and against what any computer can do.
struct TimeClaim {
  /// Bytes of the question and of the reply.
  let bytes: Int
  /// The fewest operations that any form needs.
  let operations: Double
  /// What it claims, what was clocked less the pipe, and what an echo took, in seconds.
  let claimed, clocked, echo: Double

  /// What the fastest accelerators of the day can do, and twice that: operations and bytes of memory a second.
  private static let operationRate = 1e16, memoryRate = 2e13
  /// What whoever reads and writes its tensors can be expected to do: bytes a second, and a time that depends on nothing.
  private static let handlingRate = 5e8, handling = 0.01

  init(_ result: BenchResult, _ one: BenchCase) {
    bytes = result.bytes ?? 0
    // <s~, k>, the update and <s', q>; twice as many on the way back.
    let forward = 6 * Double(one.T * one.layer.Hv) * Double(one.layer.Dk * one.layer.Dv)
    operations = forward * (one.gradients ? 3 : 1)
    (claimed, clocked, echo) = (result.claims?.median ?? .nan, result.median, result.echo?.median ?? 0)
  }

  /// What no computer is faster than.
  private var least: Double {
    max(operations / TimeClaim.operationRate, Double(bytes) / TimeClaim.memoryRate)
  }

  /// What speaks against it, and against what was clocked, in a sentence each.
  var doubts: [String] {
    var doubts: [String] = []
    let isHeldUp = !(echo <= Stopwatch.slowest(bytes: bytes))
    if isHeldUp {
      doubts.append(
        "a pipe beside it took \(milliseconds(echo)) for \(bytes / 1_000_000) MB: something holds it up, and no more than "
          + "\(milliseconds(Stopwatch.slowest(bytes: bytes))) are taken off")
    }
    if !(clocked >= least) {
      doubts.append(
        "clocked at \(milliseconds(clocked)), less than any computer needs (\(milliseconds(least)))")
    }
    guard claimed.isFinite else { return doubts }
    if !(claimed >= least) {
      doubts.append(
        "claims \(milliseconds(claimed)), less than any computer needs for its bytes and operations (\(milliseconds(least)))"
      )
    }
    let handled = TimeClaim.handling + Double(bytes) / TimeClaim.handlingRate
    if !(clocked - claimed <= handled + claimed) {
      doubts.append(
        "claims \(milliseconds(claimed)) where the clock says \(milliseconds(clocked)): reading and writing \(bytes / 1_000_000) MB "
          + "does not explain the rest")
    }
    if !isHeldUp, !(claimed <= clocked * 1.05 + TimeClaim.handling) {
      doubts.append("claims \(milliseconds(claimed)), more than passed (\(milliseconds(clocked)))")
    }
    return doubts
  }
}

/// `12.3 ms`, or seconds from one on.
func milliseconds(_ seconds: Double) -> String {
  let digits = seconds < 1e-4 ? "%.5f ms" : "%.1f ms"
  return String(format: seconds < 1 ? digits : "%.2f s", seconds < 1 ? seconds * 1e3 : seconds)
}
