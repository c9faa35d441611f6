import GatedDeltaRule

/// How far an honest implementation may be from the reference, element by element: a first-order worst-case
/// bound on rounding, with row norms in place of elements where rows are rotated.
///
/// Nothing in it is tuned: every constant counts operations of the recurrence (see `Sweep`), the accuracy of a
/// library exp, or the underflow of one operation. The norm matters: bounding element by element would let
/// |I - beta k k^T| grow without limit although I - beta k k^T is a contraction.
public struct Bound: Sendable {
  /// AN, for every quantity of the problem's level.
  public var values: [Quantity: Tensor] { tensors.dictionary }
  private let tensors: PerQuantity<Tensor>
  /// Where gradients are formed in fp16: how large what an element is the sum or the product of may be.
  let partials: PerQuantity<Tensor>
  /// The reference itself or something on the way to it passes 2^120, near enough to the end of fp32: an
  /// honest implementation may then answer inf or NaN. 2^15 for products in fp16.
  public let isOverflow: Bool

  /// For implementations that declare this, in fp32, or in fp64 if `arithmetic` says so.
  public init(
    _ problem: Problem, for declaration: Declaration, arithmetic: Request.Arithmetic = .working
  ) {
    let model = ErrorModel(declaration, arithmetic: arithmetic)
    self = Bound.measure(problem, gates: GateTable(problem, clamp: model.clamp), model: model).bound
  }

  /// The reference and the bound in one sweep.
  static func measure(
    _ problem: Problem, gates: GateTable, model: ErrorModel, threads: Int = 1
  ) -> (reference: Reference, bound: Bound) {
    switch problem.shape.decay {
    case .scalar: measure(problem, gates, model, threads, Measured.self)
    case .perChannel: measure(problem, gates, model, threads, MeasuredPerChannel.self)
    }
  }

  private static func measure<Mode: SweepMode>(
    _ problem: Problem, _ gates: GateTable, _ model: ErrorModel, _ threads: Int, _ mode: Mode.Type
  ) -> (reference: Reference, bound: Bound) {
    let errors = GateErrors(problem, gates: gates, model: model)
    return Sweep<Mode>.run(problem, gates: gates, errors: errors, model: model, threads: threads) { sweep in
      let reference = Reference(tensors: sweep.values.tensors, clamp: model.clamp)
      let isOrdinary = max(sweep.largest.max(), sweep.largestOfToken) <= model.largest
      let bound = Bound(
        tensors: sweep.bounds.tensors, partials: sweep.partials?.tensors(problem.level) ?? PerQuantity(),
        isOverflow: !isOrdinary)
      return (reference, bound)
    }
  }

  private init(tensors: PerQuantity<Tensor>, partials: PerQuantity<Tensor>, isOverflow: Bool) {
    (self.tensors, self.partials, self.isOverflow) = (tensors, partials, isOverflow)
  }

  /// What a sum of terms of size 1 may be off by in fp32: u times the roundings on the way, of which there are about
  /// max(K, V) + 2 T + 3. A bound over this is the size of the terms that cancel.
  static func rounding(_ shape: Shape) -> Double {
    Double(max(shape.Dk, shape.Dv) + 2 * shape.T + 3) * Precision.fp32.unitRoundoff
  }

  /// One quantity.
  public subscript(quantity: Quantity) -> Tensor? { tensors[quantity] }
}

extension ErrorModel {
  init(_ declaration: Declaration, arithmetic: Request.Arithmetic) {
    form = declaration.form
    clamp = declaration.clamp
    betaPrecision = declaration.betaPrecision
    decayPrecision = declaration.decayPrecision
    headPrecision = declaration.headPrecision
    products = declaration.products
    u = arithmetic == .working ? Precision.fp32.unitRoundoff : Precision.fp64.unitRoundoff
  }
}
