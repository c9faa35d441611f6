import GatedDeltaRule

/// How one implementation did on one case.
package struct Outcome: Sendable {
  /// The verdict in a word.
  package enum Verdict: Hashable, Sendable {
    case agrees
    case degraded
    case disagrees
    case refused(String)
    case failed(String)
    /// There was nobody to judge.
    case open
  }

  package let verdict: Verdict
  /// The largest error of each result over its bound.
  package let ratios: [Quantity: Double]

  package init(_ verdict: Verdict, ratios: [Quantity: Double] = [:]) {
    (self.verdict, self.ratios) = (verdict, ratios)
  }
}

/// Hears an implementation on one problem. What a library recorded is heard like any other.
package typealias Judge = @Sendable (any Implementation, Problem) -> Outcome

/// Says what an implementation refuses and where it fails; the numbers are open.
let judge: Judge = { subject, problem in
  if let reason = subject.refusal(of: problem) { return Outcome(.refused(reason)) }
  do {
    _ = try subject.evaluate(problem, Request())
    return Outcome(.open)
  } catch {
    return Outcome(.failed("\(error)"))
  }
}
