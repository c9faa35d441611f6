/// Thrown by `evaluate` where only trying tells that this problem is not for it.
public struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
  /// One line.
  public let description: String

  /// With a reason in one line.
  public init(_ description: String) { self.description = description }
}

/// Thrown by `evaluate` where there is no answer: a crash, a hang, an answer that is none.
public struct Breakdown: Error, Hashable, Sendable, CustomStringConvertible {
  /// One line.
  public let description: String
  /// Whether the same problem breaks it again. If not, the fault is in what went before, and there is no simpler
  /// problem to look for.
  public let isRepeatable: Bool

  /// With what happened in one line.
  public init(_ description: String, isRepeatable: Bool = true) {
    (self.description, self.isRepeatable) = (description, isRepeatable)
  }
}

/// Thrown by `evaluate` where the run came to its end before the answer did: nothing is known of the implementation on
/// this problem, and nothing is counted.
public struct Interrupted: Error, Hashable, Sendable, CustomStringConvertible {
  /// One line.
  public var description: String { "the run came to its end before the answer did" }

  /// There is nothing more to say.
  public init() {}
}
