import GatedDeltaRule

/// In which respects an implementation promises the same bits; in the others two runs may differ by the sum of
/// their error bounds. Nothing is assumed: without a promise, bounds are what it is held to.
package struct Exactness: OptionSet, Hashable, Sendable {
  /// One bit per promise.
  package let rawValue: Int
  /// Any combination.
  package init(rawValue: Int) { self.rawValue = rawValue }

  /// The same problem twice, with and without gradients.
  package static let repetition = Exactness(rawValue: 1)
  /// A batch row or a head is computed as if it were alone.
  package static let batching = Exactness(rawValue: 2)
  /// A masked token, an identity token, an absent tensor that stands for zeros are no operation at all. A chunked
  /// form owes this only where its chunks stay where they were.
  package static let inertness = Exactness(rawValue: 4)
  /// A state that is handed from call to call is the state inside: fp32. A chunked form owes this at its chunks.
  package static let splitting = Exactness(rawValue: 8)
  /// Rows of the state, that is value channels, are computed alike, whatever their place and number.
  package static let rows = Exactness(rawValue: 16)
  /// Signs and powers of two pass through.
  package static let scaling = Exactness(rawValue: 32)

  /// Nothing is promised.
  package static let none: Exactness = []
  /// Everything: a fixed order of summation in plain fp32, as in the implementations that are built in.
  package static let all: Exactness = [.repetition, .batching, .inertness, .splitting, .rows, .scaling]
}
