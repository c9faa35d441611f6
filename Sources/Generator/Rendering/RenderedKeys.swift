import GatedDeltaRule

// squareRoot() is an instruction, but refers to the C library for what is negative.
import Machine

extension Rendering {
  /// k, [B, T, Hk, Dk].
  func keys() -> Tensor {
    if recipe.isExact, let keys = channelKeys() { return keys }
    let (Hk, Dk) = (shape.Hk, shape.Dk)
    let drawer = KeyDrawer(
      keys: recipe.keys, Dk: Dk, planes: planes(if: recipe.keys.lieAboutAxes), centres: centres)
    return tokens("k", shape.key, recipe.precision) { key, b, t, place in
      for h in 0..<Hk { drawer.draw(key + h * Dk, from: place.at(h), t - leftPadding[b], head: b * Hk + h) }
    }
  }

  /// q, [B, T, Hk, Dk].
  func queries(besides k: Tensor) -> Tensor {
    if recipe.queries == .key { return k }
    if case .exact(let largest, _) = recipe.numbers { return channelQueries(upTo: largest, besides: k) }
    let (Hk, Dk, planes) = (shape.Hk, shape.Dk, planes(if: recipe.queries == .orthogonal))
    let norm = 1 / Double(Dk).squareRoot()
    return tokens("q", shape.key, recipe.precision) { query, b, _, place in
      for h in 0..<Hk {
        drawQuery(query + h * Dk, from: place.at(h), besides: planes.isEmpty ? nil : planes[b * Hk + h])
      }
      for c in 0..<Hk * Dk { query[c] *= norm }
    }
  }

  /// What the keys of each batch row and head lie about; empty where nobody asks.
  private func planes(if isAsked: Bool) -> [Plane] {
    (0..<(isAsked ? shape.B * shape.Hk : 0)).map { head in
      Plane(head / shape.Hk, head % shape.Hk, Dk: shape.Dk, seed: recipe.seed)
    }
  }

  /// The directions of the clusters of each batch row and head; empty where there are none.
  private var centres: [[[Double]]] {
    guard case .clusters(let count, _) = recipe.keys else { return [] }
    let root = address("clusters")
    return (0..<shape.B * shape.Hk).map { head in
      (0..<count).map { root.at(head / shape.Hk).at(head % shape.Hk).at($0).direction(ofChannels: shape.Dk) }
    }
  }

  private func drawQuery(
    _ query: UnsafeMutablePointer<Double>, from place: Address, besides plane: Plane?
  ) {
    let Dk = shape.Dk
    let keyDirections = recipe.keys == .plane ? 2 : 1
    let isZero = recipe.queries == .zero || (recipe.queries == .orthogonal && Dk <= keyDirections)
    guard !isZero else { return query.update(repeating: 0, count: Dk) }
    Vector.drawNormal(query, Dk, from: place)
    if let plane {
      // Twice: what rounding left of the axis the first time goes the second.
      for _ in 0..<2 {
        Vector.remove(plane.first, from: query, Dk)
        if keyDirections == 2 { Vector.remove(plane.second, from: query, Dk) }
      }
    }
    Vector.normalise(query, Dk)
    guard recipe.queries == .lengths else { return }
    let length = place.length(ofChannels: Dk)
    for c in 0..<Dk { query[c] *= length }
  }
}

extension Address {
  /// A unit vector, its channels drawn from here on.
  fileprivate func direction(ofChannels count: Int) -> [Double] {
    [Double](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = count
      Vector.drawNormal(buffer.baseAddress!, count, from: self)
      Vector.normalise(buffer.baseAddress!, count)
    }
  }

  /// One of so many, drawn behind the channels of a vector.
  fileprivate func choice(of count: Int, behind channels: Int) -> Int {
    min(Int(at(channels).uniform * Double(count)), count - 1)
  }

  /// A norm of 0, 1e-4, 1 or 1e4, drawn behind the channels of a vector.
  fileprivate func length(ofChannels count: Int) -> Double {
    switch at(count).uniform {
    case ..<0.15: 0
    case ..<0.4: 1e-4
    case ..<0.65: 1e4
    default: 1
    }
  }
}

extension Recipe.Keys {
  fileprivate var lieAboutAxes: Bool {
    switch self {
    case .equal, .flipped, .cone, .plane: true
    case .random, .orthogonal, .zero, .tiny, .raw, .lengths, .clusters: false
    }
  }
}

/// Draws the key of one token.
struct KeyDrawer {
  let keys: Recipe.Keys
  let Dk: Int
  /// Of each batch row and head, where the keys lie about one.
  let planes: [Plane]
  /// Of each batch row and head, the directions of its clusters.
  let centres: [[[Double]]]
  private let cosine, sine: Double

  init(keys: Recipe.Keys, Dk: Int, planes: [Plane], centres: [[[Double]]]) {
    (self.keys, self.Dk, self.planes, self.centres) = (keys, Dk, planes, centres)
    let degrees =
      switch keys {
      case .cone(let angle), .clusters(_, let angle): angle
      default: 0.0
      }
    (cosine, sine) = Elementary.cosineAndSine(degrees: degrees)
  }

  func draw(_ key: UnsafeMutablePointer<Double>, from address: Address, _ place: Int, head: Int) {
    switch keys {
    case .equal:
      for c in 0..<Dk { key[c] = planes[head].first[c] }
    case .flipped:
      for c in 0..<Dk { key[c] = planes[head].first[c] * address.sign }
    case .random: drawUnit(key, from: address, norm: 1)
    case .tiny(let norm): drawUnit(key, from: address, norm: norm)
    case .lengths: drawUnit(key, from: address, norm: address.length(ofChannels: Dk))
    case .cone: drawOnCone(key, from: address, around: planes[head].first)
    case .clusters(let count, _):
      drawOnCone(key, from: address, around: centres[head][address.choice(of: count, behind: Dk)])
    case .plane:
      let (x, y) = (address.at(0).normal, address.at(1).normal)
      for c in 0..<Dk { key[c] = x * planes[head].first[c] + y * planes[head].second[c] }
      Vector.normalise(key, Dk)
    case .orthogonal:
      key.update(repeating: 0, count: Dk)
      key[((place % Dk) + Dk) % Dk] = 1
    case .zero: key.update(repeating: 0, count: Dk)
    case .raw(let norm):
      Vector.drawNormal(key, Dk, from: address)
      let factor = norm / Double(Dk).squareRoot()
      for c in 0..<Dk { key[c] *= factor }
    }
  }

  private func drawUnit(_ key: UnsafeMutablePointer<Double>, from address: Address, norm: Double) {
    Vector.drawNormal(key, Dk, from: address)
    Vector.normalise(key, Dk)
    if norm != 1 { for c in 0..<Dk { key[c] *= norm } }
  }

  private func drawOnCone(
    _ key: UnsafeMutablePointer<Double>, from address: Address, around axis: [Double]
  ) {
    // With one channel there is no direction but the axis.
    guard Dk > 1 else { return key[0] = axis[0] }
    Vector.drawNormal(key, Dk, from: address)
    for _ in 0..<2 { Vector.remove(axis, from: key, Dk) }
    Vector.normalise(key, Dk)
    for c in 0..<Dk { key[c] = cosine * axis[c] + sine * key[c] }
    Vector.normalise(key, Dk)
  }
}

/// Two orthogonal unit vectors that the keys of one head lie about; with one channel the second is zero.
struct Plane {
  let first, second: [Double]

  init(_ b: Int, _ h: Int, Dk: Int, seed: UInt64) {
    let root = Address(seed: seed, name: "plane").at(b).at(h)
    let first = [Double](unsafeUninitializedCapacity: Dk) { buffer, filled in
      filled = Dk
      Vector.drawNormal(buffer.baseAddress!, Dk, from: root.at(0))
      Vector.normalise(buffer.baseAddress!, Dk)
    }
    self.first = first
    second = [Double](unsafeUninitializedCapacity: Dk) { buffer, filled in
      filled = Dk
      guard Dk > 1 else { return buffer.initialize(repeating: 0) }
      Vector.drawNormal(buffer.baseAddress!, Dk, from: root.at(1))
      for _ in 0..<2 { Vector.remove(first, from: buffer.baseAddress!, Dk) }
      Vector.normalise(buffer.baseAddress!, Dk)
    }
  }
}

/// A few operations on a vector of n doubles.
enum Vector {
  static func drawNormal(_ x: UnsafeMutablePointer<Double>, _ n: Int, from address: Address) {
    for c in 0..<n { x[c] = address.at(c).normal }
  }

  /// Divides by the norm; a zero vector becomes the first axis.
  static func normalise(_ x: UnsafeMutablePointer<Double>, _ n: Int) {
    var square = 0.0
    for c in 0..<n { square += x[c] * x[c] }
    guard square > 0 else { return x[0] = 1 }
    let norm = square.squareRoot()
    for c in 0..<n { x[c] /= norm }
  }

  /// Takes away the component along a unit vector.
  static func remove(_ unit: [Double], from x: UnsafeMutablePointer<Double>, _ n: Int) {
    var product = 0.0
    for c in 0..<n { product += x[c] * unit[c] }
    for c in 0..<n { x[c] -= product * unit[c] }
  }
}
