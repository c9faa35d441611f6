import Machine

/// What the rule needs of a number; the duals that prove the gradients are numbers as well.
package protocol RuleNumber {
  /// A constant.
  init(_ value: Double)
  /// What comparisons look at.
  var value: Double { get }
  static func + (a: Self, b: Self) -> Self
  static func - (a: Self, b: Self) -> Self
  static func * (a: Self, b: Self) -> Self
  static func / (a: Self, b: Self) -> Self
  static func exp(_ x: Self) -> Self
  static func log(_ x: Self) -> Self
  static func log1p(_ x: Self) -> Self
  static func squareRoot(_ x: Self) -> Self
}

extension RuleNumber {
  /// log(1 + e^x), without overflow on the right and without cancellation on the left.
  package static func softplus(_ x: Self) -> Self {
    let tail = log1p(exp(x.value > 0 ? Self(0) - x : x))
    return x.value > 0 ? x + tail : tail
  }

  /// 1 / (1 + e^-x), by whichever exponential does not overflow.
  package static func sigmoid(_ x: Self) -> Self {
    guard x.value < 0 else { return Self(1) / (Self(1) + exp(Self(0) - x)) }
    let e = exp(x)
    return e / (Self(1) + e)
  }
}

extension Double {
  /// softplus(x) / sigmoid(x): 1 on the left, where both underflow.
  package static func softplusOverSigmoid(_ x: Double) -> Double { x < -40 ? 1 : softplus(x) / sigmoid(x) }

  /// 1 / sigmoid(-b), by which db is multiplied to make beta dbeta.
  package static func writeFactor(_ b: Double) -> Double { 1 / sigmoid(-b) }
}

extension Double: RuleNumber {
  package var value: Double { self }
  package static func exp(_ x: Double) -> Double { Machine.exp(x) }
  package static func log(_ x: Double) -> Double { Machine.log(x) }
  package static func log1p(_ x: Double) -> Double { Machine.log1p(x) }
  package static func squareRoot(_ x: Double) -> Double { x.squareRoot() }
}
