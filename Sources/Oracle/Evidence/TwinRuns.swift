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
    return TwinRuns(
      forms: forms.map { form in
        guard !problem.isOfFirstModels else {
          let twin = Twin(problem, form: form)
          return { twin.results(seed: $0, gradients: gradients) }
        }
        return ofAnotherRule(problem, declaration, form, answer, gradients: gradients)
      }, work: forms.reduce(0) { $0 + Twin.work(problem.shape, $1) })
  }

  /// By way of the plain rule. What comes back from it is stored again, as the answer is: a kernel may have stored what it
  /// had before.
  private static func ofAnotherRule(
    _ problem: Problem, _ declaration: Declaration, _ form: TwinForm, _ answer: Evaluation, gradients: Bool
  ) -> Run {
    let format = declaration.queryKeyPrecision ?? .fp32
    let isRoundedOnce = format.isCoarse && problem.contract.queryKey != .given
    func results(_ rule: PlainRule, _ twin: Twin, _ seed: UInt64?) -> PerQuantity<Tensor> {
      var raised = rule.raised(twin.results(seed: seed, gradients: gradients).dictionary)
      if problem.givesLogDecay, let seed, case .core(let logs, _) = problem.primals.gates {
        raised[.dg] = raised[.dg]?.multiplied(byErrorsOfGates: logs, seed: seed)
      }
      for (quantity, stored) in answer.results where stored.precision.isCoarse {
        raised[quantity] = raised[quantity]?.rounded(to: stored.precision)
      }
      return PerQuantity(raised)
    }
    guard isRoundedOnce else {
      let known = PlainRule(problem).map { ($0, Twin($0.problem, form: form)) }
      return { seed in known.map { results($0, $1, seed) } ?? PerQuantity() }
    }
    // One q^ and one k^ in each evaluation, others in the next.
    return { seed in
      guard let rule = PlainRule(problem, normalisedIn: format, seed: seed) else { return PerQuantity() }
      return results(rule, Twin(rule.problem, form: form), seed)
    }
  }
}

extension Tensor {
  /// Gradients by log g, which are those by g times g as a kernel has it.
  fileprivate func multiplied(byErrorsOfGates logs: Tensor, seed: UInt64) -> Tensor {
    var copy = self
    for i in values.indices where logs.values[i] != 0 && logs.values[i].isFinite {
      let lambda = logs.values[i]
      copy.values[i] *=
        Twin.steadilyOff(lambda, by: Twin.error(ofGateWithLogarithm: lambda), seed: seed) / lambda
    }
    return copy
  }
}
