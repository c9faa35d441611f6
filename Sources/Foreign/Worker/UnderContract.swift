import GatedDeltaRule

/// An implementation of which the one who judges says which rule it computes.
public struct UnderContract: ImplementationWrapper {
  /// What is judged.
  public let base: any Implementation
  /// The rule.
  public let contract: Contract

  /// The same implementation; one that computes whichever rule is asked for goes on doing so.
  public init(_ base: any Implementation, _ contract: Contract) {
    (self.base, self.contract) = (base, contract)
  }

  /// The steps of what is judged.
  public func answer(_ step: Step, request: Request) throws -> StepAnswer {
    try base.answer(step, request: request)
  }

  /// What is declared, but for the rule.
  public var declaration: Declaration { replacing(base.declaration) }

  /// The same for the format of the problem's inputs.
  public func declaration(for problem: Problem) -> Declaration { replacing(base.declaration(for: problem)) }

  private func replacing(_ declared: Declaration) -> Declaration {
    var declaration = declared
    if declared.contract != nil { declaration.contract = contract }
    return declaration
  }
}
