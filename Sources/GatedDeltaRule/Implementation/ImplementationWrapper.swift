/// An implementation that asks another one: whatever it does not say itself, that one says.
///
/// A step goes through its own `evaluate` unless it hands steps on as well. Who changes `declaration` changes
/// `declaration(for:)` too, which is what an answer is judged by.
public protocol ImplementationWrapper: Implementation {
  /// The one that is asked.
  var base: any Implementation { get }
}

extension ImplementationWrapper {
  /// That of the one that is asked.
  public var name: String { base.name }
  /// That of the one that is asked.
  public var summary: String { base.summary }
  /// That of the one that is asked.
  public var declaration: Declaration { base.declaration }
  /// That of the one that is asked.
  public func declaration(for problem: Problem) -> Declaration { base.declaration(for: problem) }
  /// That of the one that is asked.
  public func refusal(of problem: Problem) -> String? { base.refusal(of: problem) }
  /// The answer of the one that is asked.
  public func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
    try base.evaluate(problem, request: request)
  }
  /// Where the one that is asked computes.
  public var sharesMemory: Bool { base.sharesMemory }
  /// What the one that is asked holds.
  public func workingBytes(for shape: Shape, threads: Int) -> Double {
    base.workingBytes(for: shape, threads: threads)
  }
  /// The one that is asked starts afresh.
  public func startAfresh() { base.startAfresh() }
}
