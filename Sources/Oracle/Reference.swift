import GatedDeltaRule

/// The gated delta rule and all its gradients in double precision: what the accused are compared with.
///
///     S~ = S g_t;  e = v_t - S~ k_t;  S = S~ + beta_t e k_t^T;  y_t = S q_t          (per batch row and value head)
///
/// with the reverse sweep derived for this module alone (see `Sweep`), so that no mistake can be shared with an
/// implementation. Masked tokens do not exist for it: outputs and gradients there are zero.
public struct Reference: Sendable {
  /// Every quantity of the problem's level, in fp64.
  public var values: [Quantity: Tensor] { tensors.dictionary }
  private let tensors: PerQuantity<Tensor>
  /// The floor under the decay that was applied.
  public let clamp: Declaration.Clamp

  /// The rule, with the decay held above the floor of `clamp` and a zero gradient where it is held.
  public init(_ problem: Problem, clamp: Declaration.Clamp = .none) {
    self.init(problem, gates: GateTable(problem, clamp: clamp), clamp: clamp, threads: 1)
  }

  init(_ problem: Problem, gates: GateTable, clamp: Declaration.Clamp, threads: Int) {
    self.clamp = clamp
    tensors =
      switch problem.shape.decay {
      case .scalar: Reference.sweep(problem, gates, threads, Plain.self)
      case .perChannel: Reference.sweep(problem, gates, threads, PlainPerChannel.self)
      }
  }

  init(tensors: PerQuantity<Tensor>, clamp: Declaration.Clamp) {
    (self.tensors, self.clamp) = (tensors, clamp)
  }

  private static func sweep<Mode: NumbersOnly>(
    _ problem: Problem, _ gates: GateTable, _ threads: Int, _ mode: Mode.Type
  ) -> PerQuantity<Tensor> {
    Sweep<Mode>.run(problem, gates: gates, errors: .none, model: .plain, threads: threads) { sweep in
      sweep.values.tensors
    }
  }

  /// One quantity.
  public subscript(quantity: Quantity) -> Tensor? { tensors[quantity] }

  /// As if it were an answer.
  public var evaluation: Evaluation { Evaluation(results: values) }
}
