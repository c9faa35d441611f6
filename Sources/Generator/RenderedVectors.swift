import GatedDeltaRule

// squareRoot() is an instruction, but refers to the C library for what is negative.
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

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

  /// v, [B, T, Hv, Dv].
  func values() -> Tensor {
    let factor: Double =
      switch recipe.values {
      case .random: 1
      case .zero: 0
      case .scaled(let factor): factor
      }
    return tokens(shape.value, recipe.precision) { values in
      drawTokens(values, from: address("v"), factor: factor)
    }
  }

  /// dy, [B, T, Hv, Dv], zero at masked tokens.
  func outputCotangent() -> Tensor? {
    let (T, width) = (shape.T, shape.Hv * shape.Dv)
    switch recipe.dy {
    case .none: return nil
    case .zeros: return Tensor(shape: shape.value, precision: recipe.precision)
    case .random, .last, .mean: break
    }
    let factor = recipe.dy == .mean ? 1 / Double(max(T * width, 1)) : 1
    var dy = tokens(shape.value, recipe.precision) { values in
      drawTokens(values, from: address("dy"), factor: factor)
    }
    for b in 0..<shape.B {
      let last = (0..<T).last { isLive(b, $0) }
      for t in 0..<T where !isLive(b, t) || (recipe.dy == .last && t != last) {
        let start = (b * T + t) * width
        for index in start..<start + width { dy.values[index] = 0 }
      }
    }
    return dy
  }

  private func drawTokens(_ values: UnsafeMutablePointer<Double>, from root: Address, factor: Double) {
    let (T, Hv, Dv) = (shape.T, shape.Hv, shape.Dv)
    var value = values
    for b in 0..<shape.B {
      for t in 0..<T {
        let token = root.at(b).at(t - leftPadding[b])
        for h in 0..<Hv {
          let head = token.at(h)
          for c in 0..<Dv { value[c] = head.at(c).normal * factor }
          value += Dv
        }
      }
    }
  }

  /// The state before the first token, [B, Hv, Dv, Dk].
  func initialState() -> Tensor? {
    switch recipe.state {
    case .none: return nil
    case .zeros: return Tensor(shape: shape.state)
    case .random: return drawState("state_in") { _ in true }
    case .lastRow: return drawState("state_in") { $0 == shape.B - 1 }
    case .spike:
      var state = drawState("state_in") { _ in true }
      for head in 0..<shape.B * shape.Hv {
        let start = head * shape.Dv * shape.Dk
        for index in start..<start + shape.Dk { state.values[index] = 1e8 }
      }
      return state
    }
  }

  /// The cotangent of the final state, [B, Hv, Dv, Dk].
  func stateCotangent() -> Tensor? {
    switch recipe.dstate {
    case .none: nil
    case .zeros: Tensor(shape: shape.state)
    case .random: drawState("dstate_out") { _ in true }
    }
  }

  private func drawState(_ name: StaticString, isDrawn: (_ b: Int) -> Bool) -> Tensor {
    let (Hv, Dv, Dk) = (shape.Hv, shape.Dv, shape.Dk)
    let root = address(name)
    let count = shape.B * Hv * Dv * Dk
    let values = [Double](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = count
      var row = buffer.baseAddress!
      for b in 0..<shape.B {
        let factor: Double = isDrawn(b) ? 1 : 0
        for h in 0..<Hv {
          for i in 0..<Dv {
            let place = root.at(b).at(h).at(i)
            for c in 0..<Dk { row[c] = place.at(c).normal * factor }
            row += Dk
          }
        }
      }
      Rendering.round(buffer, to: .fp32)
    }
    return Tensor(shape: shape.state, values: values)
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
