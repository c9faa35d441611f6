import GatedDeltaRule
import Sweep
import Twin

/// How much amplified rounding is tolerable: what a deployment in bf16 loses anyway.
///
///     |x - o| <= 2^-8 |o|                 one rounding of the result to bf16
///     |x - o| <= 2^16 |twin - o|          the error of an honest evaluation in fp32, in the roundings of bf16
///
/// Either will do, in the Frobenius norm. The first says nothing of a result in which larger terms cancel. How large they
/// are a bound does not say: it adds the worst of every rounding of every token, so that over many tokens it is that of
/// terms many times as large as any there is.
extension CrossCheck {
  /// The unit roundoff of bf16, the format that models are deployed in: amplified rounding below it is tolerable.
  static let deployment = Precision.bf16.unitRoundoff

  /// How much larger the roundings of bf16 are than those of fp32.
  private static let coarser = Precision.bf16.unitRoundoff / Precision.fp32.unitRoundoff

  /// The errors of the results past their bounds over what is tolerable of them, the worst of them, 1 being the limit;
  /// db apart, which honest fp32 loses too, where beta rounds to 1. Nil where twins are needed and cannot be asked. At
  /// most 1 it says no more than that: no further twin is asked then.
  func lossOverDeployment(_ working: [Comparison], _ declaration: Declaration) -> Double? {
    let off = working.filter { $0.quantity != .db && !($0.ratio <= 1) }
    let errors = off.map { (quantity: $0.quantity, error: $0.error, size: $0.size) }
    func loss(_ honest: [Quantity: Double]) -> Double {
      errors.reduce(0) { worst, one in
        let tolerable = max(
          CrossCheck.deployment * one.size, CrossCheck.coarser * (honest[one.quantity] ?? 0))
        let loss = RelativeError.quotient(one.error, tolerable)
        return loss <= worst ? worst : loss
      }
    }
    guard errors.contains(where: { !($0.error <= CrossCheck.deployment * $0.size) }) else { return loss([:]) }
    return honestErrors(of: off.map(\.quantity), declaration) { loss($0) <= 1 }.map(loss)
  }

  /// The largest error of twins that compute in fp32 in the declared form, by substitution, in the Frobenius norm; nil where they do not
  /// know the case, or would take too long.
  ///
  /// - Parameter suffice: whether errors so large are all that is asked.
  private func honestErrors(
    of quantities: [Quantity], _ declaration: Declaration, until suffice: ([Quantity: Double]) -> Bool
  ) -> [Quantity: Double]? {
    var single = declaration
    (single.products, single.headPrecision, single.sigmoidPrecision) = (.fp32, .fp32, .fp32)
    single.queryKeyPrecision = nil
    guard let plain = PlainRule(problem), problem.shape.T > 0, !bound(for: declaration).isOverflow,
      knowsErrors(of: quantities, single)
    else { return nil }
    let forms = TwinForm.usual(for: single, inputs: .fp32).map { form in
      var form = form
      // A sum of powers amplifies roundings itself.
      form.inverse = .rows
      return form
    }
    let work = forms.reduce(0) { $0 + Twin.work(problem.shape, $1) }
    guard work * Double(TwinRuns.usual) <= CaseEvidence.budget else { return nil }
    let reference = reference(for: declaration)
    let hasGradients = quantities.contains(where: \.isGradient)
    var largest: [Quantity: Double] = [:]
    for form in forms {
      let twin = Twin(plain.problem, form: form)
      let seeds = [nil] + (0..<UInt64(Score.twins)).map { seed &+ $0 }
      for seed in seeds {
        let raised = plain.raised(twin.results(seed: seed, gradients: hasGradients).dictionary)
        for quantity in quantities {
          let error = RelativeError(of: raised[quantity], from: reference[quantity], quantity, on: problem)
            .error.square.squareRoot()
          guard error.isFinite else { return nil }
          largest[quantity] = max(largest[quantity] ?? 0, error)
        }
        if suffice(largest) { return largest }
      }
    }
    return largest
  }

  /// Whether twins lose in these results what an honest kernel loses: of a chunked form not where a decay is next to
  /// nothing, as for the evidence of a run.
  private func knowsErrors(of quantities: [Quantity], _ declaration: Declaration) -> Bool {
    let least = leastDecayOfChunks(declaration)
    return least >= 0x1p-126 && (least >= 0x1p-24 || !quantities.contains(where: \.isGradient))
  }
}
