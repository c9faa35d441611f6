import GatedDeltaRule

/// A property says nothing about this problem or this implementation.
struct Inapplicable: Error {
  let reason: String
  /// What a reason begins with where an implementation does not take what it is asked.
  static let refused = "refused: "
  init(_ reason: String) { self.reason = reason }
}

/// An evaluation threw, or a result is missing or has another shape than its quantity.
struct NoAnswer: Error, CustomStringConvertible {
  let shape: Shape
  let reason: String

  init(to problem: Problem, _ reason: String) { (shape, self.reason) = (problem.shape, reason) }

  var description: String { "\(reason), on \(shape)" }
}
