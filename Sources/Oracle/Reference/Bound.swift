import GatedDeltaRule
import Sweep

/// How far a correct implementation may be from the reference, element by element: a first-order worst-case
/// bound on rounding, with row norms in place of elements where rows are rotated.
///
/// Nothing in it is tuned: every constant counts operations of the recurrence (see `Sweep`), the accuracy of a
/// library exp, or the underflow of one operation. The norm matters: bounding element by element would let
/// |I - beta k k^T| grow without limit although I - beta k k^T is a contraction.
public struct Bound: Sendable {
  /// A, for every quantity of the problem's level.
  public var values: [Quantity: Tensor] { tensors.dictionary }
  private let tensors: PerQuantity<Tensor>
  /// Where gradients are formed in fp16: how large what an element is the sum or the product of may be.
  let partials: PerQuantity<Tensor>
  /// The reference itself or something on the way to it passes 2^120, near enough to the end of fp32: a
  /// correct implementation may then answer inf or NaN. 2^15 for products in fp16.
  public let isOverflow: Bool

  /// For implementations that declare this, in fp32, or in fp64 if `arithmetic` says so.
  public init(
    _ problem: Problem, for declaration: Declaration, arithmetic: Request.Arithmetic = .working
  ) {
    guard declaration.clamp.hasTwoRules else {
      let gates = GateTable(problem, DeclaredGates(declaration))
      self = Bound.measure(problem, gates: gates, for: declaration, arithmetic: arithmetic).bound
      return
    }
    var (outputs, gradients) = (declaration, declaration)
    (outputs.clamp, gradients.clamp) = (declaration.clamp.ofOutputs, declaration.clamp.ofGradients)
    self.init(
      outputs: Bound(problem, for: outputs, arithmetic: arithmetic),
      gradients: Bound(problem, for: gradients, arithmetic: arithmetic))
  }

  /// The outputs' of one rule and the gradients' of another.
  init(outputs: Bound, gradients: Bound?) {
    self.init(
      tensors: outputs.tensors.replacingGradients(with: gradients?.tensors),
      partials: outputs.partials.replacingGradients(with: gradients?.partials),
      isOverflow: outputs.isOverflow || gradients?.isOverflow ?? false)
  }

  /// The reference and the bound in one sweep, on the vectors that the processor has. Without gradients the outputs
  /// alone: `isOverflow` then says nothing of the way back. `paysForGates`: `gates` are not rounded as declared.
  /// `stateErrors`: the 2-norm of what each row of the initial state may be off by, [B, Hv, Dv]; empty for nothing.
  static func measure(
    _ problem: Problem, gates: GateTable, for declaration: Declaration, arithmetic: Request.Arithmetic,
    gradients: Bool = true, paysForGates: Bool = false, threads: Int = 1, stateErrors: [Double] = []
  ) -> (reference: Reference, bound: Bound) {
    let found = withExtendedLifetime(gates) {
      Vectors.bounds(
        problem, gates.memory, declaration, arithmetic, gradients, paysForGates, threads, stateErrors)
    }
    let reference = Reference(tensors: PerQuantity(slots: found.values), clamp: declaration.clamp)
    // exp(A_log) of a head whose tokens are all masked is on nobody's way but that of the gradients formed by selection
    // afterwards.
    var largest = gates.rate.reduce(found.largest) { !($1 <= $0) ? $1 : $0 }
    // The state is an operand of products at masked tokens too, times zero.
    if declaration.products == .fp16, case .chunked = declaration.form, problem.shape.T > 0 {
      let states = [problem.primals.state, gradients ? problem.cotangents.state : nil]
      largest = states.compactMap { $0?.largestMagnitude }.reduce(largest) { !($1 <= $0) ? $1 : $0 }
    }
    let bound = Bound(
      tensors: PerQuantity(slots: found.bounds), partials: PerQuantity(slots: found.partials),
      isOverflow: !(largest <= ErrorModel(declaration, arithmetic: arithmetic).largest))
    return (reference, bound)
  }

  private init(tensors: PerQuantity<Tensor>, partials: PerQuantity<Tensor>, isOverflow: Bool) {
    (self.tensors, self.partials, self.isOverflow) = (tensors, partials, isOverflow)
  }

  /// What a sum of terms of size 1 may be off by in fp32: u times the roundings on the way, of which there are about
  /// max(K, V) + 2 T + 3. A bound over this is the size of the terms that cancel.
  static func rounding(_ shape: Shape) -> Double {
    Double(max(shape.Dk, shape.Dv) + 2 * shape.T + 3) * Precision.fp32.unitRoundoff
  }

  /// Whether it bounds gradients beside the outputs.
  var hasGradients: Bool { tensors.hasGradients }

  /// One quantity.
  public subscript(quantity: Quantity) -> Tensor? { tensors[quantity] }
}
