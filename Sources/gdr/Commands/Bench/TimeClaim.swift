import Foundation

/// What a worker says of its own time, held against the clock of the one who asks and against what any computer can do.
struct TimeClaim {
  /// Bytes of the question and of the reply.
  let bytes: Int
  /// The fewest operations that any form needs.
  let operations: Double
  /// What it claims, and what was clocked less the pipe, in seconds.
  let claimed, clocked: Double

  /// What the fastest accelerators of the day can do, and twice that: operations and bytes of memory a second.
  private static let operationRate = 1e16, memoryRate = 2e13
  /// What whoever reads and writes its tensors can be expected to do: bytes a second, and a time that depends on nothing.
  private static let handlingRate = 5e8, handling = 0.01

  init(_ result: BenchResult, _ one: BenchCase) {
    bytes = result.bytes ?? 0
    // <s~, k>, the update and <s', q>; twice as many on the way back.
    let forward = 6 * Double(one.T * one.layer.Hv) * Double(one.layer.Dk * one.layer.Dv)
    operations = forward * (one.gradients ? 3 : 1)
    (claimed, clocked) = (result.claims?.median ?? .nan, result.median)
  }

  /// What speaks against it, in a sentence each.
  var doubts: [String] {
    guard claimed.isFinite else { return [] }
    var doubts: [String] = []
    let least = max(operations / TimeClaim.operationRate, Double(bytes) / TimeClaim.memoryRate)
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
    if !(claimed <= clocked * 1.05 + TimeClaim.handling) {
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
