import GatedDeltaRule

/// A kernel that takes no decay past which its exponents leave fp32: what it answers there is no fault of its roundings.
package struct MildDecay: ImplementationWrapper {
  package let base: any Implementation

  package init(_ base: any Implementation) { self.base = base }

  /// Sixty-four tokens of 1/4 each stay in the range.
  package func refusal(of problem: Problem) -> String? {
    if let reason = base.refusal(of: problem) { return reason }
    guard case .core(let g, _) = problem.primals.gates else { return "core level" }
    let isMild = g.values.indices.allSatisfy { i in
      problem.mask?.live[i / problem.shape.Hv] == false || g.values[i] >= 0.25
    }
    return isMild ? nil : "decay past 1/4 a token"
  }
}
