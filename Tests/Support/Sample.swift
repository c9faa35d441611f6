import Foundation
import GatedDeltaRule

/// A random problem, drawn from a seed by other means than a recipe, which the generator's tests could not check.
public struct Sample: Sendable {
  /// What is difficult about it; the bounds were validated on each of them.
  public enum Family: String, CaseIterable, Sendable {
    case benign  // unit keys, moderate gates
    case decay  // factors of exactly 1, exactly 0, below the smallest normal, around e^-20, mixed in time
    case collinear  // all keys of a head nearly equal, beta near 1, g near 1
    case magnitude  // zero keys, states and cotangents of 1e12 and 1e-12
    case norms  // keys of norm 0.8 to 2, beta up to 2 at core level
  }

  /// Which tokens are masked.
  public enum MaskKind: CaseIterable, Sendable {
    case none, left, right, holes, row
  }

  /// Its sizes.
  public var shape: Shape
  /// Gates given, or through the model's functions.
  public var level: Level
  /// What is difficult about it.
  public var family: Family
  /// Which tokens are masked.
  public var mask: MaskKind
  /// From which everything is drawn.
  public var seed: UInt64
  /// The format of q, k, v, beta and what they come from; the rest is fp32.
  public var precision: Precision
  /// Whether there is an initial state, and whether there are cotangents; nil to draw it.
  public var hasState, hasCotangents: Bool?
  /// Which rule is asked for.
  public var contract = Contract.plain

  /// An ordinary one, unless something is said.
  public init(
    shape: Shape, level: Level = .model, family: Family = .benign, mask: MaskKind = .none, seed: UInt64 = 0,
    precision: Precision = .fp32, hasState: Bool? = nil, hasCotangents: Bool? = nil
  ) {
    (self.shape, self.level, self.family, self.mask) = (shape, level, family, mask)
    (self.seed, self.precision) = (seed, precision)
    (self.hasState, self.hasCotangents) = (hasState, hasCotangents)
  }

  /// The problem; every value is a number of its format, so that runs in fp32 and fp64 see the same.
  public var problem: Problem {
    get throws {
      var random = Random(seed: seed)
      let gates = drawGates(&random)
      let (q, k) = drawKeys(&random)
      let size = family == .magnitude ? random.pick([1e-12, 1, 1e12]) : 1
      let v = random.normals(shape.value.reduce(1, *)).map { $0 * size }
      let drawsState = random.chance(0.7)
      let state = random.normals(shape.state.reduce(1, *)).map {
        $0 * (family == .magnitude ? random.pick([1e-12, 1, 1e12]) : 1)
      }
      let dySize = family == .magnitude ? random.pick([1e-12, 1, 1e12]) : 1
      let dy = random.normals(shape.value.reduce(1, *)).map { $0 * dySize }
      let (drawsY, drawsLast) = (random.chance(0.9), random.chance(0.7))
      let last = random.normals(shape.state.reduce(1, *))
      return try Problem(
        shape: shape,
        primals: Primals(
          q: tensor(shape.key, q), k: tensor(shape.key, k), v: tensor(shape.value, v), gates: gates,
          state: hasState ?? drawsState
            ? Tensor(shape: shape.state, values: state).rounded(to: contract.state) : nil),
        mask: drawMask(&random),
        cotangents: Outputs(
          y: hasCotangents ?? drawsY ? tensor(shape.value, dy) : nil,
          state: hasCotangents ?? drawsLast
            ? Tensor(shape: shape.state, values: last.map(Precision.fp32.round)) : nil),
        contract: contract)
    }
  }

  private func tensor(_ dimensions: [Int], _ values: [Double]) -> Tensor {
    Tensor(shape: dimensions, values: values).rounded(to: precision)
  }

  private func drawKeys(_ random: inout Random) -> (q: [Double], k: [Double]) {
    let count = shape.key.reduce(1, *)
    var q = random.normals(count)
    var k = random.normals(count)
    let centre = random.normals(shape.Hk * shape.Dk)
    for row in 0..<count / shape.Dk {
      let range = row * shape.Dk..<(row + 1) * shape.Dk
      if family == .collinear {
        let angle = random.pick([0, 1e-4, 1e-2])
        for (j, i) in range.enumerated() { k[i] = centre[row % shape.Hk * shape.Dk + j] + angle * k[i] }
      }
      var norm = range.reduce(0) { $0 + k[$1] * k[$1] }.squareRoot()
      norm /= family == .norms ? random.uniform(0.8...2) : 1
      if family == .magnitude && random.chance(0.2) { norm = .infinity }
      for i in range {
        k[i] /= norm
        q[i] /= Double(shape.Dk).squareRoot()
      }
    }
    return (q, k)
  }

  private func drawGates(_ random: inout Random) -> Gates {
    let tokens = shape.token.reduce(1, *)
    let count = shape.gate.reduce(1, *)
    switch level {
    case .core:
      var g = (0..<count).map { _ in decayFactor(&random) }
      if contract.decay == .log { g = g.map { log($0) } }
      let beta = (0..<tokens).map { _ in strength(&random) }
      // g stays fp32, as the model's rule has it, and is the only input that 16 bits would ruin.
      return .core(
        g: Tensor(shape: shape.gate, values: g.map(Precision.fp32.round)), beta: tensor(shape.token, beta))
    case .model:
      let (a, b, A_log, bias) = gateParameters(&random, count: count, tokens: tokens)
      return .model(
        a: tensor(shape.gate, a), b: tensor(shape.token, b),
        A_log: Tensor(shape: shape.A_log, values: A_log.map(Precision.fp32.round)),
        dt_bias: Tensor(shape: shape.dt_bias, values: bias.map(Precision.fp32.round)))
    }
  }

  private func decayFactor(_ random: inout Random) -> Double {
    switch family {
    case .benign, .magnitude, .norms: random.uniform(0.5...1)
    case .collinear: 1 - random.pick([0, 0x1p-24, 1e-6, 1e-4])
    case .decay: random.pick([1, 1, 0.999, 0.9, 0, 1e-38, 1e-30, 1e-12, 2e-9, 1e-6, 1 - 0x1p-24])
    }
  }

  private func strength(_ random: inout Random) -> Double {
    switch family {
    case .benign, .magnitude: random.uniform()
    case .decay: random.pick([0, 0.5, 1, random.uniform()])
    case .collinear: random.pick([0.999, 1, 1 - 0x1p-24, 0.99])
    case .norms: random.uniform(0...2)
    }
  }

  private func gateParameters(
    _ random: inout Random, count: Int, tokens: Int
  ) -> (a: [Double], b: [Double], A_log: [Double], bias: [Double]) {
    let heads = shape.A_log.reduce(1, *)
    var a = random.normals(count)
    var b = random.normals(tokens)
    var A_log = (0..<heads).map { _ in random.uniform(-3...1) }
    let bias = (0..<shape.dt_bias.reduce(1, *)).map { _ in random.uniform(-2...1) }
    switch family {
    case .benign, .magnitude, .norms: break
    case .decay:
      a = a.map { $0 + random.pick([-200, -30, -5, 0, 5, 200]) }
      b = b.map { $0 + random.pick([-200, -90, -20, 0, 20, 200]) }
      A_log = (0..<heads).map { _ in random.pick([-.infinity, -90, -3, 0, 2.7, 5]) }
    case .collinear:
      a = a.map { _ in random.uniform(-30 ... -12) }
      b = b.map { _ in random.uniform(7...17) }
    }
    return (a, b, A_log, bias)
  }

  private func drawMask(_ random: inout Random) -> Mask? {
    let (B, T) = (shape.B, shape.T)
    if mask == .none { return nil }
    var live = [Bool](repeating: true, count: B * T)
    for b in 0..<B {
      let cut = random.index(max(T, 1))
      for t in 0..<T {
        switch mask {
        case .none: break
        case .left: live[b * T + t] = t >= cut
        case .right: live[b * T + t] = t < cut
        case .holes: live[b * T + t] = !random.chance(0.3)
        case .row: live[b * T + t] = b > 0 && t != cut
        }
      }
    }
    return Mask(B: B, T: T, live: live)
  }
}
