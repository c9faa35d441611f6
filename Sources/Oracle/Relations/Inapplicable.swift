import GatedDeltaRule

/// A property says nothing about this problem or this implementation.
struct Inapplicable: Error {
  let reason: String
  init(_ reason: String) { self.reason = reason }
}

/// A result is missing or has another shape than its quantity.
struct NoAnswer: Error, CustomStringConvertible {
  let quantity: Quantity
  let shape: [Int]?
  var description: String { "\(quantity.rawValue) " + (shape.map { "has shape \($0)" } ?? "is missing") }
}
