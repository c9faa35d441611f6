import GatedDeltaRule
import Oracle

/// Takes a problem and judges any number of implementations on it. What a library recorded is judged like any other.
package typealias Judge = @Sendable (Problem) -> (any Implementation) -> CaseResult

/// The oracle, with one reference for all implementations on a problem.
let judge: Judge = { problem in
  let check = CrossCheck(problem)
  return { check.judge($0, properties: .none, weighsEvidence: true) }
}
