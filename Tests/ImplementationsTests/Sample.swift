import GatedDeltaRule

/// Ordinary random problems: unit keys, gates through the model's functions or given, masks, states, cotangents.
struct Sample {
  var shape: Shape
  var level = Level.model
  var mask = MaskKind.none
  var hasState = true
  var hasCotangents = true
  /// Mean log decay at core level; a token's decay is this times a uniform number.
  var logDecay = -0.5
  var seed: UInt64 = 1

  enum MaskKind: CaseIterable { case none, left, right, holes, row }

  /// Every value is an fp32 number, so that fp32 and fp64 runs see the same problem.
  func problem() throws -> Problem {
    var random = SplitMix(state: seed)
    func tensor(_ shape: [Int], _ next: () -> Double) -> Tensor {
      Tensor(shape: shape, values: (0..<shape.reduce(1, *)).map { _ in Double(Float(next())) })
    }
    var k = tensor(shape.key) { random.normal() }
    for row in 0..<shape.B * shape.T * shape.Hk {
      let range = row * shape.Dk..<(row + 1) * shape.Dk
      let norm = k.values[range].reduce(0) { $0 + $1 * $1 }.squareRoot()
      for j in range { k.values[j] = Double(Float(k.values[j] / norm)) }
    }
    let gates: Gates =
      switch level {
      case .core:
        .core(
          g: tensor(shape.gate) { Elementwise.exp(logDecay * 2 * random.uniform()) },
          beta: tensor(shape.token) { random.uniform() })
      case .model:
        .model(
          a: tensor(shape.gate) { random.normal() }, b: tensor(shape.token) { 2 * random.normal() },
          A_log: tensor(shape.A_log) { random.normal() - 1 },
          dt_bias: tensor(shape.dt_bias) { random.normal() })
      }
    let primals = Primals(
      q: tensor(shape.key) { random.normal() / Double(shape.Dk).squareRoot() }, k: k,
      v: tensor(shape.value) { random.normal() }, gates: gates,
      state: hasState ? tensor(shape.state) { random.normal() } : nil)
    let cotangents = Outputs(
      y: hasCotangents ? tensor(shape.value) { random.normal() } : nil,
      state: hasCotangents ? tensor(shape.state) { random.normal() } : nil)
    return try Problem(shape: shape, primals: primals, mask: liveness(&random), cotangents: cotangents)
  }

  private func liveness(_ random: inout SplitMix) -> Mask? {
    guard mask != .none else { return nil }
    let live = (0..<shape.B * shape.T).map { index in
      let (b, t) = (index / shape.T, index % shape.T)
      return switch mask {
      case .none: true
      case .left: t >= min(3 + b, shape.T / 2)
      case .right: t < shape.T - shape.T / 3 - b
      case .holes: random.uniform() > 0.3
      case .row: b > 0
      }
    }
    return Mask(B: shape.B, T: shape.T, live: live)
  }
}

/// e^x for x <= 0 by squaring, which is all a sample needs.
enum Elementwise {
  static func exp(_ x: Double) -> Double {
    var value = 1 + x / 4096 + x * x / 4096 / 8192
    for _ in 0..<12 { value *= value }
    return value
  }
}

/// A small generator with a seed.
struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  mutating func normal() -> Double { (0..<12).reduce(-6) { sum, _ in sum + uniform() } }
}
