import GatedDeltaRule
import Sweep

/// The gated delta rule and all its gradients in double precision: what implementations are compared with.
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
    self.init(problem, DeclaredGates(clamp: clamp))
  }

  /// The rule with the gates that are declared: above a floor, and rounded to a format.
  public init(_ problem: Problem, for declaration: Declaration) {
    self.init(problem, DeclaredGates(declaration))
  }

  private init(_ problem: Problem, _ declared: DeclaredGates) {
    guard let (outputs, gradients) = declared.apart else {
      self.init(problem, gates: GateTable(problem, declared), clamp: declared.clamp, threads: 1)
      return
    }
    self.init(
      outputs: Reference(problem, outputs), gradients: Reference(problem, gradients), clamp: declared.clamp)
  }

  /// The outputs of one rule and the gradients of another.
  init(outputs: Reference, gradients: Reference?, clamp: Declaration.Clamp) {
    self.init(tensors: outputs.tensors.replacingGradients(with: gradients?.tensors), clamp: clamp)
  }

  init(_ problem: Problem, gates: GateTable, clamp: Declaration.Clamp, threads: Int) {
    let found = withExtendedLifetime(gates) { Vectors.numbers(problem, gates.memory, threads) }
    (tensors, self.clamp) = (PerQuantity(slots: found), clamp)
  }

  init(tensors: PerQuantity<Tensor>, clamp: Declaration.Clamp) {
    (self.tensors, self.clamp) = (tensors, clamp)
  }

  /// Whether it holds gradients beside the outputs.
  var hasGradients: Bool { tensors.hasGradients }

  /// One quantity.
  public subscript(quantity: Quantity) -> Tensor? { tensors[quantity] }

  /// As if it were an answer.
  public var evaluation: Evaluation { Evaluation(results: values) }
}

extension DeclaredGates {
  /// The gates of outputs and those of gradients, where they are not the same.
  var apart: (outputs: DeclaredGates, gradients: DeclaredGates)? {
    guard clamp.hasTwoRules else { return nil }
    var (outputs, gradients) = (self, self)
    (outputs.clamp, gradients.clamp) = (clamp.ofOutputs, clamp.ofGradients)
    return (outputs, gradients)
  }
}

extension PerQuantity {
  /// These outputs and the gradients of others, if there are any.
  func replacingGradients(with others: PerQuantity?) -> PerQuantity {
    var all = others ?? PerQuantity()
    for quantity in [Quantity.y, .stateOut] { all[quantity] = self[quantity] }
    return all
  }
}
