import Foundation
import GatedDeltaRule
import Generator
import Support
import Testing

/// Every dimension at something that is not plain.
private let busy = Recipe(
  B: 3, T: 20, Hk: 2, Hv: 4, Dk: 4, Dv: 5, keys: .cone(degrees: 20), decay: .random(level: -0.1, spread: 2),
  write: .logits(low: -3, high: 3), state: .random, dstate: .random, mask: .holes(chance: 0.3), pad: .noise,
  seed: 9)

/// The value of a tensor at some coordinates.
private func value(_ tensor: Tensor, _ coordinates: [Int]) -> Double {
  tensor.values[zip(tensor.shape, coordinates).reduce(0) { $0 * $1.0 + $1.1 }]
}

/// Whether every value of the small tensor stands in the large one at the same coordinates, to the bit.
private func isBeginning(_ small: Tensor, of large: Tensor) -> Bool {
  small.values.indices.allSatisfy { index in
    var rest = index
    var coordinates: [Int] = []
    for size in small.shape.reversed() {
      coordinates.insert(rest % size, at: 0)
      rest /= size
    }
    return small.values[index].bitPattern == value(large, coordinates).bitPattern
  }
}

@Test(arguments: [Level.core, .model], [DecayKind.scalar, .perChannel])
func `a smaller recipe renders to the beginning of the larger one`(level: Level, channels: DecayKind) throws {
  var large = busy
  (large.level, large.decayKind) = (level, channels)
  if level == .model { (large.A_log, large.dt_bias) = (.heads, .heads) }
  let whole = try large.render()
  func check(except exceptions: Set<Input> = [], _ cut: (inout Recipe) -> Void) throws {
    var small = large
    cut(&small)
    let part = try small.render()
    #expect(part.tensors.map(\.input) == whole.tensors.map(\.input))
    for ((input, tensor), (_, larger)) in zip(part.tensors, whole.tensors)
    where !exceptions.contains(input) {
      #expect(isBeginning(tensor, of: larger), "\(input) of \(small)")
    }
  }
  try check { $0.B = 1 }
  try check { $0.T = 7 }
  try check { ($0.Hk, $0.Hv) = (1, 2) }
  try check { $0.Hv = 2 }
  try check { $0.Dv = 2 }
  try check(except: [.q, .k]) { $0.Dk = 1 }
}

@Test func `left padding can be taken away from in front of the tokens`() throws {
  var padded = busy
  (padded.T, padded.mask, padded.level, padded.A_log) = (12, .left(5), .model, .heads)
  var bare = padded
  (bare.T, bare.mask, bare.pad) = (7, .none, .zeros)
  let (long, short) = (try padded.render(), try bare.render())
  #expect(short.tensors.map(\.input) == long.tensors.map(\.input))
  var compared: Set<Input> = []
  for ((input, tensor), (_, other)) in zip(short.tensors, long.tensors)
  where tensor.shape.count > 2 {
    guard tensor.shape[1] == 7 else { continue }
    compared.insert(input)
    let width = tensor.values.count / (3 * 7)
    for b in 0..<3 {
      let live = other.values[(b * 12 + 5) * width..<(b + 1) * 12 * width]
      #expect(Array(live) == Array(tensor.values[b * 7 * width..<(b + 1) * 7 * width]), "\(input)")
    }
  }
  #expect(compared == [.q, .k, .v, .a, .b, .dy])
}

@Test func `rendering twice gives the same bits, another seed others`() throws {
  #expect(try busy.render().digest == busy.render().digest)
  var other = busy
  other.seed += 1
  #expect(try busy.render().digest != other.render().digest)
}

@Test(arguments: [Recipe.Padding.zeros, .noise, .huge, .inf, .nan], [Precision.fp32, .bf16, .fp16])
func `padding stands in masked tokens only`(pad: Recipe.Padding, precision: Precision) throws {
  for level in Level.allCases {
    var recipe = busy
    (recipe.pad, recipe.precision, recipe.level) = (pad, precision, level)
    let problem = try recipe.render()
    for (input, tensor) in problem.tensors where input.isPerToken {
      let width = tensor.values.count / (problem.shape.B * problem.shape.T)
      for (index, value) in tensor.values.enumerated() {
        let token = index / width
        if problem.isLive(token / problem.shape.T, token % problem.shape.T) {
          #expect(value.isFinite)
        } else if input == .dy {
          #expect(value == 0)
        } else {
          switch pad {
          case .zeros: #expect(value == 0)
          case .noise: #expect(value.isFinite)
          case .huge: #expect(value.isFinite && value > 5e4)
          case .inf: #expect(value == .infinity)
          case .nan: #expect(value.bitPattern == Double.nan.bitPattern)
          }
        }
      }
    }
  }
}

@Test func `a value is recorded as rounded: in bf16 a beta of 0.999 is 1`() throws {
  let recipe = Recipe(T: 3, decay: .constant(-1e-3), write: .constant(0.999), precision: .bf16)
  let problem = try recipe.render()
  let (g, beta) = try problem.primals.gates.core
  #expect(beta.values == [1, 1, 1])
  #expect(beta.precision == .bf16)
  // g is made inside a layer and stays fp32, as do the states.
  #expect(g.precision == .fp32)
  #expect(g.values.allSatisfy { $0 < 1 && $0 == Double(Float(exp(-1e-3))) })
  #expect(problem.primals.v.values.allSatisfy { $0 == Precision.bf16.round($0) })
}

@Test(arguments: [0, -1e-4, -0.1, -1, -5, -20, -27.6, -60, -88, -104, -300, -Double.infinity])
func `a core decay is the exponential of its logarithm`(level: Double) throws {
  let g = try Recipe(T: 1, decay: .constant(level)).render().primals.gates.core.g
  let expected = Float(exp(level))
  #expect(Float(g.values[0]) >= expected.nextDown && Float(g.values[0]) <= expected.nextUp)
}

@Test(arguments: [-1e-4, -0.1, -1, -5, -20, -27.6, -88, -300])
func `a model reaches the decay that was asked for through its own parameters`(level: Double) throws {
  let recipe = Recipe(
    B: 2, T: 5, Hk: 1, Hv: 3, level: .model, decay: .constant(level), A_log: .heads, dt_bias: .heads)
  let (a, _, A_log, dt_bias) = try recipe.render().primals.gates.model
  for index in a.values.indices {
    let x = a.values[index] + dt_bias.values[index % 3]
    let lambda = -exp(A_log.values[index % 3]) * (x > 30 ? x : log1p(exp(x)))
    #expect(abs(lambda - level) <= 1e-5 * abs(level))
  }
  #expect(Set(A_log.values).count == 3)
  #expect(Set(dt_bias.values).count == 3)
}

@Test func `the clamp and its neighbours are exact`() throws {
  let decays = try (-1...1).map { neighbours in
    let problem = try Recipe(T: 1, decay: .clamp(neighbours: neighbours)).render()
    return Float(try problem.primals.gates.core.g.values[0])
  }
  #expect(decays == [Float(1e-12).nextDown, 1e-12, Float(1e-12).nextUp])
}

@Test func `beta keeps to the range that its recipe declares`() throws {
  let ranges: [(Recipe.WriteStrength, ClosedRange<Double>)] = [
    (.logits(low: -8, high: 16), 0...1), (.logits(low: -3, high: 3), 0.047...0.953),
    (.wide(low: 1, high: 1.5), 1...1.5),
    (.logit(18), 1...1), (.constant(1e-7), 1e-7.nextDown...1.0001e-7),
  ]
  for (write, range) in ranges {
    let beta = try Recipe(T: 500, write: write).render().primals.gates.core.beta
    #expect(beta.values.allSatisfy(range.contains), "\(write)")
  }
}

@Test func `keys lie as their name says`() throws {
  func keys(_ keys: Recipe.Keys, Dk: Int = 8) throws -> [[Double]] {
    let k = try Recipe(T: 40, Dk: Dk, keys: keys).render().primals.k
    return (0..<40).map { Array(k.values[$0 * Dk..<($0 + 1) * Dk]) }
  }
  func dot(_ x: [Double], _ y: [Double]) -> Double { zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } }
  for unit in [Recipe.Keys.equal, .random, .flipped, .cone(degrees: 10), .plane, .orthogonal] {
    #expect(try keys(unit).allSatisfy { abs(dot($0, $0) - 1) < 1e-6 }, "\(unit)")
    #expect(try keys(unit, Dk: 1).allSatisfy { abs($0[0]) == 1 }, "\(unit)")
  }
  let first = try keys(.equal)[0]
  #expect(try keys(.equal).allSatisfy { $0 == first })
  #expect(try keys(.flipped).allSatisfy { $0 == first || $0 == first.map { -$0 } })
  #expect(try Set(keys(.flipped)).count == 2)
  #expect(try keys(.cone(degrees: 10)).allSatisfy { abs(dot($0, first) - cos(10 * Double.pi / 180)) < 1e-6 })
  #expect(try keys(.cone(degrees: 90)).allSatisfy { abs(dot($0, first)) < 1e-6 })
  let plane = try keys(.plane)
  let second = zip(plane[1], plane[0]).map { $0 - dot(plane[1], plane[0]) * $1 }
  let length = dot(second, second).squareRoot()
  #expect(
    plane.allSatisfy {
      abs(dot($0, plane[0]) * dot($0, plane[0]) + dot($0, second) * dot($0, second) / (length * length) - 1)
        < 1e-4
    })
  let orthogonal = try keys(.orthogonal)
  #expect(
    (0..<8).allSatisfy { i in (0..<8).allSatisfy { dot(orthogonal[i], orthogonal[$0]) == (i == $0 ? 1 : 0) } }
  )
  #expect(try keys(.tiny(norm: 1e-3)).allSatisfy { abs(dot($0, $0) - 1e-6) < 1e-11 })
  #expect(try keys(.zero).allSatisfy { dot($0, $0) == 0 })
}

@Test func `queries that are orthogonal to the keys read next to nothing`() throws {
  for keys in [Recipe.Keys.equal, .flipped, .plane] {
    let primals = try Recipe(T: 9, Dk: 8, keys: keys, queries: .orthogonal).render().primals
    for s in 0..<9 {
      for t in 0..<9 {
        let product = (0..<8).reduce(0.0) { $0 + primals.q.values[s * 8 + $1] * primals.k.values[t * 8 + $1] }
        #expect(abs(product) < 1e-6)
      }
    }
  }
}

@Test func `random values have mean 0 and variance 1`() throws {
  let values = try Recipe(T: 4096, Dv: 16).render().primals.v.values
  let mean = values.reduce(0, +) / Double(values.count)
  let variance = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
  #expect(abs(mean) < 0.02)
  #expect(abs(variance - 1) < 0.02)
}

@Test func `no tokens make a problem all the same`() throws {
  let recipe = Recipe(B: 2, T: 0, Hk: 1, Hv: 2, Dk: 3, Dv: 2, state: .random, dstate: .random, mask: .all)
  let problem = try recipe.render()
  #expect(problem.primals.q.values.isEmpty)
  #expect(problem.primals.state?.values.count == 24)
}

@Test func `what a recipe made by hand contradicts is an error, not a trap`() {
  let wrong = [
    Recipe(T: -1), Recipe(T: 4, Hk: 2, Hv: 3), Recipe(T: 4, write: .constant(1.5)),
    Recipe(T: 4, write: .constant(.nan)),
    Recipe(T: 4, mask: .row(4)), Recipe(T: 4, precision: .fp64), Recipe(T: 1 << 40),
    Recipe(T: 4, decay: .forget(at: .max, strong: -1, slow: 0)),
    Recipe(T: 4, keys: .cone(degrees: .infinity)), Recipe(T: 4, keys: .clusters(count: 0, degrees: 1)),
    Recipe(T: 4, keys: .clusters(count: 1 << 40, degrees: 1)),
  ]
  for recipe in wrong { #expect(throws: RecipeError.self) { try recipe.render() } }
}

@Test func `keys of clusters are unit vectors at their angle to one of so many directions`() throws {
  let (T, Dk) = (64, 6)
  func keys(_ degrees: Double) throws -> [[Double]] {
    let k = try Recipe(T: T, Dk: Dk, keys: .clusters(count: 3, degrees: degrees)).render().primals.k.values
    return (0..<T).map { Array(k[$0 * Dk..<($0 + 1) * Dk]) }
  }
  func cosine(_ x: [Double], _ y: [Double]) -> Double { zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } }
  let (centres, tokens) = (try keys(0), try keys(20))
  #expect(Set(centres).count == 3)
  for (centre, token) in zip(centres, tokens) {
    #expect(abs(cosine(token, token) - 1) < 1e-6)
    // The same tokens belong to the same clusters, whatever the angle.
    #expect(abs(cosine(centre, token) - cos(20 * Double.pi / 180)) < 1e-6)
  }
  #expect(Set(tokens).count == T)
}
