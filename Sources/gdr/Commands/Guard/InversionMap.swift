import GatedDeltaRule
import Inversion

/// What each way of solving the bare system errs by: every method, format and sub-block at every place.
package struct InversionMap: Sendable {
  /// Where a system is: all tokens of the first chunk.
  package struct Place: Hashable, Sendable {
    package let keys: String
    package let beta, g: Double
    package let chunk: Int
  }

  /// What was run, in the order of `errors`.
  package let axes: Axes
  /// max |X - exact| / max |exact| by place, method, format and sub-block; absent where the sub-block is larger than
  /// the chunk.
  private let errors: [Double?]

  /// The values of each axis.
  package struct Axes: Hashable, Sendable, Codable {
    package var keys: [String]
    package var strengths, decays: [Double]
    package var chunks: [Int]
    package var methods: [String]
    package var products: [String]
    package var subBlocks: [Int]
  }

  /// - Precondition: an error for every combination, in this order.
  package init(_ axes: Axes, errors: [Double?]) {
    precondition(errors.count == axes.count, "\(errors.count) errors")
    (self.axes, self.errors) = (axes, errors)
  }

  /// The largest error of a way over the places that are asked for; nil where it was run at none of them.
  package func worst(
    _ method: Inversion.Method, _ products: ProductFormat, subBlock: Int, at isAsked: (Place) -> Bool
  ) -> Double? {
    guard let m = axes.methods.firstIndex(of: method.rawValue),
      let p = axes.products.firstIndex(of: products.rawValue),
      let s = axes.subBlocks.firstIndex(of: subBlock)
    else { return nil }
    let way = (m * axes.products.count + p) * axes.subBlocks.count + s
    var worst: Double?
    for (n, place) in axes.places.enumerated() {
      guard let error = errors[n * axes.ways + way], isAsked(place) else { continue }
      worst = error <= worst ?? -1 ? worst : error
    }
    return worst
  }
}

extension InversionMap.Axes {
  /// Every place, in the order of the errors.
  package var places: [InversionMap.Place] {
    keys.flatMap { keys in
      strengths.flatMap { beta in
        decays.flatMap { g in
          chunks.map { InversionMap.Place(keys: keys, beta: beta, g: g, chunk: $0) }
        }
      }
    }
  }

  /// Ways of solving.
  var ways: Int { methods.count * products.count * subBlocks.count }
  fileprivate var count: Int { keys.count * strengths.count * decays.count * chunks.count * ways }
}

extension InversionMap: Codable {
  private enum Key: String, CodingKey { case axes, errors }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let axes = try container.decode(Axes.self, forKey: .axes)
    let errors = try container.decode([Double?].self, forKey: .errors)
    // Lists of a file that anybody may have written: their product may be anything.
    let counts =
      [
        axes.keys, axes.methods, axes.products,
      ].map(\.count) + [axes.strengths, axes.decays].map(\.count)
      + [axes.chunks, axes.subBlocks].map(\.count)
    guard counts.allSatisfy({ (1...1000).contains($0) }), errors.count == axes.count else {
      throw DecodingError.dataCorruptedError(
        forKey: .errors, in: container, debugDescription: "\(errors.count) errors")
    }
    self.init(axes, errors: errors)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(axes, forKey: .axes)
    try container.encode(errors, forKey: .errors)
  }
}
