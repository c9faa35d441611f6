/// One value for each quantity that has one: what a dictionary is, without hashing.
@frozen public struct PerQuantity<Value> {
  /// By ordinal; none at all where there is nothing for any of them.
  public var slots: [Value?]

  /// Nothing for any of them.
  @inlinable public init() { slots = [] }

  /// By ordinal.
  @inlinable public init(slots: [Value?]) { self.slots = slots }

  /// What a dictionary holds.
  @inlinable public init(_ values: [Quantity: Value]) {
    self.init()
    for (quantity, value) in values { self[quantity] = value }
  }

  /// Whether there is more than the outputs: dq is a gradient at every level.
  @inlinable public var hasGradients: Bool { self[.dq] != nil }

  /// One of them.
  @inlinable public subscript(quantity: Quantity) -> Value? {
    get { slots.isEmpty ? nil : slots[quantity.ordinal] }
    set {
      if slots.isEmpty { slots = [Value?](repeating: nil, count: Quantity.count) }
      slots[quantity.ordinal] = newValue
    }
  }

  /// As a dictionary.
  @inlinable public var dictionary: [Quantity: Value] {
    var values = [Quantity: Value](minimumCapacity: slots.count)
    for quantity in Quantity.allCases { values[quantity] = self[quantity] }
    return values
  }
}

extension PerQuantity: Sendable where Value: Sendable {}

extension Quantity {
  /// How many there are.
  public static let count = Quantity.allCases.count
}
