/// How softplus(x) = log(1 + e^x) and its slope, sigmoid(x), are computed where x is large.
package struct Softplus: Hashable, Sendable {
  /// From which argument on it is its argument, as in some libraries.
  let threshold: Double
  /// Whether its slope is 1 there, as differentiation of that gives it.
  let isSlopeOne: Bool

  /// As it is defined.
  package static let exact = Softplus(threshold: .infinity, isSlopeOne: false)

  /// Its argument past a threshold, with the slope of that or of softplus itself.
  package static func linear(past threshold: Double, isSlopeOne: Bool) -> Softplus {
    Softplus(threshold: threshold, isSlopeOne: isSlopeOne)
  }
}
