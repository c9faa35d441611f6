import GatedDeltaRule
import Generator

/// An implementation that is asked about problems of some families alone: properties turn a problem into others, and a
/// kernel that is compiled for few shapes is not to be blamed for those that nobody asks of it.
struct WithinFamilies: ImplementationWrapper {
  let base: any Implementation
  let families: [Family]

  func answer(_ step: Step, request: Request) throws -> StepAnswer { try base.answer(step, request: request) }

  func refusal(of problem: Problem) -> String? {
    families.contains { $0.holds(problem) } ? base.refusal(of: problem) : "not of the families that are drawn"
  }
}

extension Campaign.Plan {
  /// The implementations as a run asks them.
  var asked: [any Implementation] {
    let families = profile.families
    return families.isEmpty
      ? implementations : implementations.map { WithinFamilies(base: $0, families: families) }
  }
}

extension Family {
  /// Whether a problem is of this family.
  fileprivate func holds(_ problem: Problem) -> Bool {
    let shape = problem.shape
    return (shape.Hk, shape.Hv, shape.Dk, shape.Dv) == (Hk, Hv, Dk, Dv)
      && problem.primals.q.precision == precision
  }
}
