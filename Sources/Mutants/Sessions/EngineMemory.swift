import GatedDeltaRule
import Synchronization

/// What an engine keeps from call to call and should not.
final class EngineMemory: Sendable {
  struct Contents {
    /// The rows of the last call that took in tokens.
    var rows: [Step.Row] = []
    /// Where their tokens began.
    var offsets: [Int] = []
    /// The mask of the last batch.
    var mask: Mask?
    /// Slots that share their memory with the one that they were forked from.
    var shared: [Int: Int] = [:]
  }

  private let contents = Mutex(Contents())

  /// Reads and changes what is kept.
  func use<Result: Sendable>(_ body: (inout Contents) -> Result) -> Result {
    contents.withLock { body(&$0) }
  }
}
