import GatedDeltaRule

// squareRoot() is an instruction, but refers to the C library for what is negative.
import Machine

extension Rendering {
  /// k, [B, T, Hk, Dk].
  func keys() -> Tensor {
    let (T, Hk, Dk) = (shape.T, shape.Hk, shape.Dk)
    let root = address("k")
    let drawer = KeyDrawer(keys: recipe.keys, Dk: Dk)
    return tokens(shape.key, recipe.precision) { values in
      for b in 0..<shape.B {
        for h in 0..<Hk {
          let plane = Plane(b, h, Dk: Dk, seed: recipe.seed)
          for t in 0..<T {
            let place = t - leftPadding[b]
            let key = values + ((b * T + t) * Hk + h) * Dk
            drawer.draw(key, from: root.at(b).at(place).at(h), place, plane)
          }
        }
      }
    }
  }

  /// q, [B, T, Hk, Dk].
  func queries(besides k: Tensor) -> Tensor {
    if recipe.queries == .key { return k }
    let (T, Hk, Dk) = (shape.T, shape.Hk, shape.Dk)
    let root = address("q")
    let norm = 1 / Double(Dk).squareRoot()
    return tokens(shape.key, recipe.precision) { values in
      for b in 0..<shape.B {
        for h in 0..<Hk {
          let plane = Plane(b, h, Dk: Dk, seed: recipe.seed)
          for t in 0..<T {
            let query = values + ((b * T + t) * Hk + h) * Dk
            drawQuery(query, from: root.at(b).at(t - leftPadding[b]).at(h), plane)
            for c in 0..<Dk { query[c] *= norm }
          }
        }
      }
    }
  }

  private func drawQuery(_ query: UnsafeMutablePointer<Double>, from place: Address, _ plane: Plane) {
    let Dk = shape.Dk
    let keyDirections = recipe.keys == .plane ? 2 : 1
    let isZero = recipe.queries == .zero || (recipe.queries == .orthogonal && Dk <= keyDirections)
    guard !isZero else { return query.update(repeating: 0, count: Dk) }
    Vector.drawNormal(query, Dk, from: place)
    if recipe.queries == .orthogonal {
      // Twice: what rounding left of the axis the first time goes the second.
      for _ in 0..<2 {
        Vector.remove(plane.first, from: query, Dk)
        if keyDirections == 2 { Vector.remove(plane.second, from: query, Dk) }
      }
    }
    Vector.normalise(query, Dk)
  }
}

/// Draws the key of one token.
struct KeyDrawer {
  let keys: Recipe.Keys
  let Dk: Int
  private let cosine, sine: Double

  init(keys: Recipe.Keys, Dk: Int) {
    (self.keys, self.Dk) = (keys, Dk)
    var degrees = 0.0
    if case .cone(let angle) = keys { degrees = angle }
    (cosine, sine) = Elementary.cosineAndSine(degrees: degrees)
  }

  func draw(_ key: UnsafeMutablePointer<Double>, from address: Address, _ place: Int, _ plane: Plane) {
    switch keys {
    case .equal:
      for c in 0..<Dk { key[c] = plane.first[c] }
    case .flipped:
      for c in 0..<Dk { key[c] = plane.first[c] * address.sign }
    case .random: drawUnit(key, from: address, norm: 1)
    case .tiny(let norm): drawUnit(key, from: address, norm: norm)
    case .cone: drawOnCone(key, from: address, around: plane.first)
    case .plane:
      let (x, y) = (address.at(0).normal, address.at(1).normal)
      for c in 0..<Dk { key[c] = x * plane.first[c] + y * plane.second[c] }
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
