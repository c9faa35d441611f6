import GatedDeltaRule

/// What comes of a sweep: the one way in, since this folder is compiled twice, the second time for wider vectors, and
/// its types with it. Only what both have in common passes: tensors, by the ordinal of their quantity.
package enum Measurement {
  /// The gates as memory, which the caller keeps alive.
  package typealias Gates = (
    width: Int, numbers: [UnsafeMutableBufferPointer<Double>], frozen: [Bool]
  )

  /// The numbers alone.
  package static func numbers(_ problem: Problem, gates: Gates, threads: Int) -> [Tensor?] {
    switch problem.shape.decayKind {
    case .scalar: numbers(problem, GateTable(gates), threads, Plain.self)
    case .perChannel: numbers(problem, GateTable(gates), threads, PlainPerChannel.self)
    }
  }

  /// The numbers and their bounds for implementations that declare this; `partials` where gradients are formed in fp16;
  /// `largest` is the largest magnitude on the way. Without gradients, of the outputs alone: those do not depend on
  /// the way back. `paysForGates`: the gates are not rounded as declared, and the bounds are as much wider.
  /// `stateErrors`: what the rows of the first state may be off by already, [B, Hv, Dv]; empty where it is exact.
  package static func bounds(
    _ problem: Problem, gates: Gates, for declaration: Declaration, arithmetic: Request.Arithmetic,
    gradients: Bool, paysForGates: Bool, threads: Int, stateErrors: [Double] = []
  ) -> (values: [Tensor?], bounds: [Tensor?], partials: [Tensor?], largest: Double) {
    let model = ErrorModel(declaration, arithmetic: arithmetic, paysForGates: paysForGates)
    return switch problem.shape.decayKind {
    case .scalar: bounds(problem, GateTable(gates), model, gradients, threads, stateErrors, Measured.self)
    case .perChannel:
      bounds(problem, GateTable(gates), model, gradients, threads, stateErrors, MeasuredPerChannel.self)
    }
  }

  private static func numbers<Mode: NumbersOnly>(
    _ problem: Problem, _ gates: GateTable, _ threads: Int, _ mode: Mode.Type
  ) -> [Tensor?] {
    Sweep<Mode>.run(problem, gates: gates, errors: .none, model: .plain, threads: threads) { sweep in
      sweep.values.tensors().slots
    }
  }

  private static func bounds<Mode: SweepMode>(
    _ problem: Problem, _ gates: GateTable, _ model: ErrorModel, _ gradients: Bool, _ threads: Int,
    _ stateErrors: [Double], _ mode: Mode.Type
  ) -> (values: [Tensor?], bounds: [Tensor?], partials: [Tensor?], largest: Double) {
    let errors = GateErrors(problem, gates: gates, model: model)
    return Sweep<Mode>.run(
      problem, gates: gates, errors: errors, model: model, gradients: gradients, threads: threads,
      stateErrors: stateErrors
    ) { sweep in
      (
        sweep.values.tensors(gradients: gradients).slots, sweep.bounds.tensors(gradients: gradients).slots,
        (sweep.partials?.tensors(problem.level) ?? PerQuantity()).slots,
        max(sweep.largest.max(), sweep.largestOfToken)
      )
    }
  }
}
