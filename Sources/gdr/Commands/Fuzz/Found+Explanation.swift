import GatedDeltaRule
import Machine
import Oracle

extension Campaign.Found {
  /// Says what is known of its cause.
  ///
  /// - Parameter deadline: when nobody waits for that any more.
  /// - Returns: nil where that came first: what was not answered any more explains nothing.
  mutating func explain(by implementation: any Implementation, until deadline: Deadline) throws
    -> Explanation?
  {
    let (recipe, failure, pattern) = (shrunk.recipe, shrunk.failure, self.pattern)
    let outcome = deadline.outcome {
      Result {
        try Explanation(
          recipe, implementation, of: failure, met: pattern, amongst: KnownFault.all,
          unless: { Interruption.isRequested })
      }
    }
    guard !deadline.hasPassed, let known = try outcome?.get() else { return nil }
    explanation += Report.notes(known, implementation: implementation, showsPattern: self.pattern == nil)
    (cause, underlying) = (known.signature, known.underlying)
    return known
  }
}
