/// Why a text is not a recipe, or a recipe not a problem.
public struct RecipeError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The part that is wrong, as it was written.
  public let part: String
  /// What is wrong with it.
  public let reason: String

  init(_ part: String, _ reason: String) {
    (self.part, self.reason) = (part, reason)
  }

  /// One line for a person.
  public var description: String { "\(part): \(reason)" }
}
