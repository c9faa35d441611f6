import GatedDeltaRule
import Twin

/// Honest evaluations of a problem with their roundings placed at random, in every form that a declaration leaves open.
struct TwinRuns {
  /// Of one form, with this seed; the same seed gives the same values, and none rounds to nearest.
  typealias Run = (_ seed: UInt64?) -> PerQuantity<Tensor>

  /// One for each form.
  let forms: [Run]
  /// Multiply-adds of one evaluation in each of them together.
  let work: Double

  /// Evaluations of each form for what a case adds to a run's evidence: one by which it is decided how much the case may
  /// say, and those that deviations are estimated from. One that rounds to nearest goes with them.
  static let usual = 1 + Score.twins
  /// The same where one case is to convict alone: its deviations must be known.
  static let fresh = 32
}

extension TwinRuns {
  /// Those of the forms that a declaration leaves open, with results stored as the answer stores them. A problem of a rule
  /// that twins do not know is asked as one of theirs.
  static func usual(_ problem: Problem, _ declaration: Declaration, _ answer: Evaluation) -> TwinRuns {
    let forms = TwinForm.usual(for: declaration, inputs: problem.primals.q.precision)
      .map { $0.storing(as: answer) }
    let gradients = answer.results.keys.contains(where: \.isGradient)
    let plain = problem.isOfFirstModels ? nil : PlainRule(problem)
    return TwinRuns(
      forms: forms.map { form in
        let twin = Twin(plain?.problem ?? problem, form: form)
        return { seed in
          let results = twin.results(seed: seed, gradients: gradients)
          return plain.map { PerQuantity($0.raised(results.dictionary)) } ?? results
        }
      }, work: forms.reduce(0) { $0 + Twin.work(problem.shape, $1) })
  }
}
