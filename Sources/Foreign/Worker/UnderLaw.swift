import GatedDeltaRule

/// An implementation under a law that was set by the one who judges.
public struct UnderLaw: ImplementationWrapper {
  /// What is judged.
  public let base: any Implementation
  /// By what.
  public let law: Law

  /// The same implementation under that law.
  public init(_ base: any Implementation, _ law: Law) { (self.base, self.law) = (base, law) }

  /// The steps of what is judged.
  public func answer(_ step: Step, request: Request) throws -> StepAnswer {
    try base.answer(step, request: request)
  }

  /// The answer, to be judged by the law whatever it says of itself.
  public func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
    law.replacing(try base.evaluate(problem, request: request))
  }

  /// What is declared, but for the law.
  public var declaration: Declaration { law.replacing(base.declaration, input: .fp32) }

  /// By the format of the problem's inputs.
  public func declaration(for problem: Problem) -> Declaration {
    law.replacing(base.declaration(for: problem), input: problem.primals.q.precision)
  }
}
