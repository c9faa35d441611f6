import Dispatch
import GatedDeltaRule
import Synchronization

/// Who computes in a process of its own is waited for, and the reference need not wait for it.
extension CrossCheck {
  /// Asks an implementation and, where it computes elsewhere, measures meanwhile, on a thread that is free, what its answer
  /// is compared with.
  ///
  /// - Parameters:
  ///   - measure: what is needed of this check if there is an answer; kept there, so that nothing but the time depends on
  ///     when, or whether, it is called here.
  ///   - ask: touches nothing of this check that changes.
  func whileMeasuring<Answer>(
    _ measure: () -> Void, ask implementation: any Implementation, _ ask: () throws -> Answer
  ) throws -> Answer {
    guard !implementation.sharesMemory else { return try ask() }
    return try withoutActuallyEscaping(measure) { measure in
      try withoutActuallyEscaping(ask) { ask in
        // Of the two one alone touches the check, and both have returned before anything else does.
        nonisolated(unsafe) let (measure, ask) = (measure, ask)
        nonisolated(unsafe) var answer: Result<Answer, any Error>?
        let isAnswered = Atomic(false)
        DispatchQueue.concurrentPerform(iterations: 2) { part in
          if part == 0 {
            answer = Result { try ask() }
            isAnswered.store(true, ordering: .releasing)
          } else if !isAnswered.load(ordering: .acquiring) {
            measure()
          }
        }
        return try answer!.get()
      }
    }
  }

  /// The reference and the bound of what an implementation declares before it has answered.
  func measure(for implementation: any Implementation) {
    let declaration = implementation.declaration(for: problem)
    if exact(for: declaration) == nil { _ = bound(for: declaration) }
    _ = reference(for: declaration)
  }
}
