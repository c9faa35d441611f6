import GatedDeltaRule

/// One value for each quantity that has one: what a dictionary is, without hashing.
struct PerQuantity<Value> {
  /// By ordinal.
  private(set) var slots: [Value?]

  /// Nothing for any of them.
  init() { slots = [Value?](repeating: nil, count: Quantity.count) }

  /// By ordinal.
  init(slots: [Value?]) { self.slots = slots }

  /// What a dictionary holds.
  init(_ values: [Quantity: Value]) {
    self.init()
    for (quantity, value) in values { slots[quantity.ordinal] = value }
  }

  /// Whether there is more than the outputs: dq is a gradient at every level.
  var hasGradients: Bool { self[.dq] != nil }

  /// One of them.
  subscript(quantity: Quantity) -> Value? {
    get { slots[quantity.ordinal] }
    set { slots[quantity.ordinal] = newValue }
  }

  /// As a dictionary.
  var dictionary: [Quantity: Value] {
    var values = [Quantity: Value](minimumCapacity: slots.count)
    for quantity in Quantity.allCases { values[quantity] = slots[quantity.ordinal] }
    return values
  }
}

extension PerQuantity: Sendable where Value: Sendable {}

extension Quantity {
  /// How many there are.
  static let count = Quantity.allCases.count
}
