/// One value for each quantity that has one: what a dictionary is, without hashing.
@frozen package struct PerQuantity<Value> {
  /// By ordinal.
  package private(set) var slots: [Value?]

  /// Nothing for any of them.
  @inlinable package init() { slots = [Value?](repeating: nil, count: Quantity.count) }

  /// By ordinal.
  @inlinable package init(slots: [Value?]) { self.slots = slots }

  /// What a dictionary holds.
  @inlinable package init(_ values: [Quantity: Value]) {
    self.init()
    for (quantity, value) in values { slots[quantity.ordinal] = value }
  }

  /// Whether there is more than the outputs: dq is a gradient at every level.
  @inlinable package var hasGradients: Bool { self[.dq] != nil }

  /// One of them.
  @inlinable package subscript(quantity: Quantity) -> Value? {
    get { slots[quantity.ordinal] }
    set { slots[quantity.ordinal] = newValue }
  }

  /// As a dictionary.
  @inlinable package var dictionary: [Quantity: Value] {
    var values = [Quantity: Value](minimumCapacity: slots.count)
    for quantity in Quantity.allCases { values[quantity] = slots[quantity.ordinal] }
    return values
  }
}

extension PerQuantity: Sendable where Value: Sendable {}

extension Quantity {
  /// How many there are.
  package static let count = Quantity.allCases.count
}
