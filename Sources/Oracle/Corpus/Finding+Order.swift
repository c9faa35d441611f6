import Generator

extension Finding {
  /// Whether the left case is simpler; what is no recipe here is compared by its length.
  package static func isSimpler(_ left: Finding, _ right: Finding) -> Bool {
    guard let first = try? Recipe(left.recipe), let second = try? Recipe(right.recipe) else {
      return left.recipe.count < right.recipe.count
    }
    return first < second
  }
}
