import GatedDeltaRule
import Sweep

/// What a run answered and how far each element may be from the truth, moved together from the frame of one
/// problem into that of another.
struct Answer {
  let decay: DecayKind
  /// What was answered.
  private(set) var values: PerQuantity<Tensor>
  /// By how much it may be off; empty where bits are compared.
  private(set) var tolerances: PerQuantity<Tensor>

  init(decay: DecayKind, values: PerQuantity<Tensor>, tolerances: PerQuantity<Tensor>) {
    (self.decay, self.values, self.tolerances) = (decay, values, tolerances)
  }

  /// One quantity.
  subscript(quantity: Quantity) -> Tensor? { values[quantity] }

  /// The entries of a quantity that is there, and their tolerances.
  ///
  /// - Precondition: the answer is bounded.
  func entries(_ quantity: Quantity) -> Entries {
    Entries(values: values[quantity]!.values, tolerances: tolerances[quantity]!.values)
  }

  /// Values and tolerances, row major.
  struct Entries {
    let values: [Double]
    let tolerances: [Double]

    subscript(i: Int) -> (value: Double, tolerance: Double) { (values[i], tolerances[i]) }
  }

  /// The same operation on values and tolerances.
  private func mapping(_ quantities: [Quantity], _ operation: (Tensor) -> Tensor) -> Answer {
    var copy = self
    for quantity in quantities {
      if let value = values[quantity] { copy.values[quantity] = operation(value) }
      if let tolerance = tolerances[quantity] { copy.tolerances[quantity] = operation(tolerance) }
    }
    return copy
  }

  /// These places along an axis; nil stands for zeros that are exact.
  func selecting(_ axis: Axis, _ places: [Int?]) -> Answer {
    var copy = self
    for quantity in Quantity.allCases where values[quantity] != nil {
      guard let position = quantity.axes(decay).firstIndex(of: axis) else { continue }
      copy = copy.mapping([quantity]) { $0.selecting(places, axis: position) }
    }
    return copy
  }

  /// Quantities times a power of two.
  func scaled(_ quantities: [Quantity], by factor: Double) -> Answer {
    mapping(quantities) { $0.multiplied(by: factor) }
  }

  /// With tolerances so many times as wide.
  func loosened(by factor: Double) -> Answer {
    var copy = self
    for quantity in Quantity.allCases {
      copy.tolerances[quantity] = tolerances[quantity]?.multiplied(by: factor)
    }
    return copy
  }

  /// Quantities times a sign of each place along an axis; tolerances have none.
  func signed(_ quantities: [Quantity], _ axis: Axis, _ signs: [Double]) -> Answer {
    var copy = self
    for quantity in quantities {
      guard let position = quantity.axes(decay).firstIndex(of: axis) else { continue }
      copy.values[quantity] = values[quantity]?.multiplied(by: signs, axis: position)
    }
    return copy
  }

  /// Quantities summed over neighbours along an axis.
  func summing(_ quantities: [Quantity], _ axis: Axis, by size: Int) -> Answer {
    var copy = self
    for quantity in quantities {
      guard let position = quantity.axes(decay).firstIndex(of: axis) else { continue }
      copy = copy.mapping([quantity]) { $0.summed(by: size, axis: position) }
    }
    return copy
  }

  /// What a call on the tokens that follow answered, joined on: tokens one after the other, the final state of the
  /// second, the gradient of the initial state of the first, sums over tokens added.
  func followed(by second: Answer) -> Answer {
    func join(_ mine: PerQuantity<Tensor>, _ theirs: PerQuantity<Tensor>) -> PerQuantity<Tensor> {
      var joined = PerQuantity<Tensor>()
      for quantity in Quantity.allCases {
        guard let first = mine[quantity], let next = theirs[quantity] else { continue }
        joined[quantity] =
          switch quantity {
          case .stateOut: next
          case .dstateIn: first
          case .dA_log, .ddt_bias: first.adding(next)
          default: first.joined(next, axis: 1)
          }
      }
      return joined
    }
    return Answer(
      decay: decay, values: join(values, second.values), tolerances: join(tolerances, second.tolerances))
  }
}
