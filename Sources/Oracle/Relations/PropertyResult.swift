/// What came of checking a property.
package enum PropertyResult: Hashable, Sendable {
  /// It holds; the worst difference over what was allowed, 0 where bits were compared.
  case holds(ratio: Double)
  /// It does not, but the difference shrinks with the roundoff and is tolerable for a 16-bit deployment.
  case degraded(Violation)
  /// It does not.
  case violated(Violation)
  /// It says nothing about this problem or this implementation.
  case notApplicable(String)
  /// A run threw, or answered something that is no answer.
  case failed(String)
  /// The run came to its end before the answer did.
  case interrupted
  /// A run broke down through what went before it, not through its problem.
  case brokeDown(String)
}
