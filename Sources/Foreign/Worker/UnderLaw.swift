import GatedDeltaRule

/// An implementation under a law that was set by the one who judges.
public struct UnderLaw: Implementation {
  /// What is judged.
  public let base: any Implementation
  /// By what.
  public let law: Law

  /// The same implementation under that law.
  public init(_ base: any Implementation, _ law: Law) { (self.base, self.law) = (base, law) }

  /// That of what is judged.
  public var name: String { base.name }
  /// That of what is judged.
  public var summary: String { base.summary }
  /// That of what is judged.
  public var sharesMemory: Bool { base.sharesMemory }
  /// What is declared, but for the law.
  public var declaration: Declaration { law.replacing(base.declaration, input: .fp32) }

  /// By the format of the problem's inputs.
  public func declaration(for problem: Problem) -> Declaration {
    law.replacing(base.declaration(for: problem), input: problem.primals.q.precision)
  }

  /// That of what is judged.
  public func refusal(of problem: Problem) -> String? { base.refusal(of: problem) }

  /// The answer of what is judged.
  public func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
    try base.evaluate(problem, request: request)
  }

  /// That of what is judged.
  public func startAfresh() { base.startAfresh() }
}
