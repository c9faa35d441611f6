import Dispatch
import Foundation
import GatedDeltaRule
import Synchronization

/// Value heads handed out to threads that share one scratch where each should have its own: right on one thread, and on
/// several whatever the last one left there. A loss of updates, not of memory: every cell is read and written whole.
enum Race {
  /// The right answer, y of which has been through the scratch.
  static func answer(_ call: Call) -> Evaluation {
    var answer = call.honest()
    guard let y = answer[.y] else { return answer }
    answer.results[.y] = passed(y, call.problem.shape, threads: call.request.threads)
    return answer
  }

  private static func passed(_ y: Tensor, _ shape: Shape, threads: Int) -> Tensor {
    let (heads, rows) = (shape.Hv, shape.B * shape.T)
    let scratch = Scratch(count: rows * shape.Dv)
    var found = y
    found.values.withUnsafeMutableBufferPointer { values in
      nonisolated(unsafe) let values = values
      let shares = max(1, min(threads, heads))
      inThreads(shares) { share in
        for head in heads * share / shares..<heads * (share + 1) / shares {
          func place(_ i: Int) -> Int { (i / shape.Dv * heads + head) * shape.Dv + i % shape.Dv }
          for i in 0..<scratch.count { scratch[i] = values[place(i)] }
          // A kernel computes here: time enough for the other threads to come by.
          if shares > 1 { Thread.sleep(forTimeInterval: 2e-4) }
          for i in 0..<scratch.count { values[place(i)] = scratch[i] }
        }
      }
    }
    return found
  }

  /// Threads of their own, however busy the pool of the process is.
  private static func inThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    guard count > 1 else { return body(0) }
    let group = DispatchGroup()
    for share in 0..<count {
      group.enter()
      Thread.detachNewThread {
        body(share)
        group.leave()
      }
    }
    group.wait()
  }

  /// Numbers that any thread may write at any time.
  private final class Scratch: Sendable {
    let count: Int
    nonisolated(unsafe) private let cells: UnsafeMutablePointer<Atomic<UInt64>>

    init(count: Int) {
      self.count = count
      cells = .allocate(capacity: max(count, 1))
      for i in 0..<count { (cells + i).initialize(to: Atomic(0)) }
    }

    deinit {
      cells.deinitialize(count: count)
      cells.deallocate()
    }

    subscript(i: Int) -> Double {
      get { Double(bitPattern: cells[i].load(ordering: .relaxed)) }
      set { cells[i].store(newValue.bitPattern, ordering: .relaxed) }
    }
  }
}
