import GatedDeltaRule

/// In which respects an implementation promises the same bits; in the others two runs may differ by the sum of
/// their error bounds. Nothing is assumed: without a promise, bounds are what it is held to.
package struct Exactness: OptionSet, Hashable, Sendable {
  /// One bit per promise.
  package let rawValue: Int
  /// Any combination.
  package init(rawValue: Int) { self.rawValue = rawValue }

  /// The same problem twice.
  package static let repetition = Exactness(rawValue: 1)
  /// A batch row is computed as if it were alone.
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
  /// What is computed up to a token does not depend on what comes after it; nor, in the reverse sweep, what is computed
  /// after a token on the cotangents up to it.
  package static let prefix = Exactness(rawValue: 64)
  /// y and the state are the same with and without gradients.
  package static let inference = Exactness(rawValue: 128)
  /// A head, or a group of them, is computed as if it were alone.
  package static let heads = Exactness(rawValue: 256)

  /// Nothing is promised.
  package static let none: Exactness = []
  /// Everything: a fixed order of summation in plain fp32, as in the implementations that are built in.
  package static let all: Exactness = [
    .repetition, .batching, .inertness, .splitting, .rows, .scaling, .prefix, .inference, .heads,
  ]

  /// What a declaration promises.
  package init(_ declaration: Declaration) {
    self =
      declaration.promisesBits ? .all : declaration.promises.reduce(into: []) { $0.insert(Exactness($1)) }
  }

  private init(_ promise: Promise) {
    self =
      switch promise {
      case .repetition: .repetition
      case .batch: .batching
      case .split: .splitting
      case .prefix: .prefix
      }
  }
}
