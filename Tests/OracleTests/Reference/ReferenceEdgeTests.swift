import GatedDeltaRule
import Support
import Sweep
import Testing

@testable import Oracle

@Suite struct ReferenceEdgeTests {
  private let shape = try! Shape(B: 2, T: 9, Hk: 2, Hv: 4, Dk: 3, Dv: 5)

  @Test(arguments: Level.allCases, [DecayKind.scalar, .perChannel])
  func `no token at all: the state passes through both ways`(level: Level, decay: DecayKind) throws {
    let empty = try Shape(B: 2, T: 0, Hk: 1, Hv: 2, Dk: 3, Dv: 2, decayKind: decay)
    let problem = try Sample(shape: empty, level: level, hasState: true, hasCotangents: true).problem
    let reference = Reference(problem)
    #expect(reference[.stateOut]?.values == problem.primals.state?.values)
    #expect(reference[.dstateIn]?.values == problem.cotangents.state?.values)
    #expect(reference[.y]?.values == [])
    for quantity in Quantity.all(at: level) where quantity != .stateOut && quantity != .dstateIn {
      #expect(reference[quantity]?.values.allSatisfy { $0 == 0 } == true)
    }
  }

  @Test(arguments: Level.allCases, [Double.nan, .infinity, 1e30])
  func `what masked tokens hold is inert`(level: Level, junk: Double) throws {
    var sample = Sample(shape: shape, level: level, family: .benign, mask: .holes, seed: 3)
    for decay in [DecayKind.scalar, .perChannel] {
      sample.shape = try Shape(B: 2, T: 9, Hk: 2, Hv: 4, Dk: 3, Dv: 5, decayKind: decay)
      let clean = try sample.problem
      let dirty = try clean.padded(with: junk)
      let (a, b) = (Reference(clean), Reference(dirty))
      let bounds = (Bound(clean, for: Declaration()), Bound(dirty, for: Declaration()))
      for quantity in Quantity.all(at: level) {
        #expect(try #require(a[quantity]).bits == #require(b[quantity]).bits)
        #expect(try #require(bounds.0[quantity]).bits == #require(bounds.1[quantity]).bits)
      }
      #expect(!bounds.1.isOverflow)
    }
  }

  @Test func `gradients at masked tokens are zero`() throws {
    let problem = try Sample(shape: shape, level: .model, family: .benign, mask: .holes, seed: 3).problem
    let (reference, mask) = (Reference(problem), try #require(problem.mask))
    try #require(mask.live.contains(false))
    for quantity in Quantity.all(at: .model) where quantity.isPerToken {
      let values = try #require(reference[quantity]?.values)
      let width = values.count / mask.live.count
      #expect(values.indices.allSatisfy { mask.live[$0 / width] || values[$0] == 0 })
    }
  }

  @Test func `an absent state and absent cotangents are zeros`() throws {
    let full = try Sample(shape: shape, level: .core, family: .benign, seed: 2).problem
    #expect(full.cotangents.y != nil)
    var primals = full.primals
    primals.state = nil
    let absent = try Problem(shape: shape, primals: primals, cotangents: Outputs(y: full.cotangents.y))
    primals.state = Tensor(shape: shape.state)
    let zeros = try Problem(
      shape: shape, primals: primals,
      cotangents: Outputs(y: full.cotangents.y, state: Tensor(shape: shape.state)))
    for quantity in Quantity.all(at: .core) {
      let (a, b) = (Reference(absent)[quantity], Reference(zeros)[quantity])
      #expect(try #require(a).values == #require(b).values)
    }
    #expect(Reference(absent)[.dstateIn]?.values.contains { $0 != 0 } == true)
  }

  /// softplus and sigmoid at +-200, and a rate of exp(-inf) = 0, which keeps everything.
  @Test func `gates at their extremes are finite`() throws {
    let problem = try Sample(shape: shape, level: .model, family: .decay, seed: 5).problem
    var (a, b, A_log, bias) = try problem.primals.gates.model
    for i in a.values.indices { a.values[i] = [200, -200, 0][i % 3] }
    for i in b.values.indices { b.values[i] = [-200, 200][i % 2] }
    for h in A_log.values.indices { A_log.values[h] = h % 2 == 0 ? -.infinity : 0 }
    var primals = problem.primals
    primals.gates = .model(a: a, b: b, A_log: A_log, dt_bias: bias)
    let extreme = try Problem(shape: shape, primals: primals, cotangents: problem.cotangents)
    let (reference, bound) = (Reference(extreme), Bound(extreme, for: Declaration()))
    for quantity in Quantity.all(at: .model) {
      #expect(reference[quantity]?.values.allSatisfy(\.isFinite) == true)
      #expect(bound[quantity]?.values.allSatisfy(\.isFinite) == true)
    }
    #expect(reference[.dA_log]?.values[0] == 0)
    #expect(reference[.ddt_bias]?.values[0] == 0)
  }

  /// 1 - sigmoid(b) is zero in double from b = 37; its product with a huge dbeta is not.
  @Test func `db survives where beta rounds to one`() throws {
    let problem = try Sample(shape: shape, level: .model, family: .benign, seed: 1).problem
    var (a, b, A_log, bias) = try problem.primals.gates.model
    for i in b.values.indices { b.values[i] = 40 }
    var primals = problem.primals
    primals.gates = .model(a: a, b: b, A_log: A_log, dt_bias: bias)
    let saturated = try Problem(shape: shape, primals: primals, cotangents: problem.cotangents)
    #expect(Reference(saturated)[.db]?.values.contains { $0 != 0 } == true)
  }

  /// Both floors hold g, and nothing flows through a gate that is held; a gate exactly at the floor is held by
  /// `decay` and not by `logDecay`.
  @Test(arguments: Level.allCases)
  func `a clamp holds the decay and stops its gradient`(level: Level) throws {
    let problem = try Sample(shape: shape, level: level, family: .decay, seed: 2).problem
    for clamp in [Declaration.Clamp.decay(floor: 1e-6), .logDecay(floor: -20), .decay(floor: 0.9)] {
      let reference = Reference(problem, clamp: clamp)
      let expected = Definition<Double>.outputs(of: problem, clamp: clamp)
      #expect(try #require(reference[.y]).values == #require(expected.y).values)
      var random = Random(seed: 1)
      let input = level == .core ? Input.g : .a
      let quantity = try #require(input.gradient)
      let gradient = try #require(reference[quantity])
      let direction = random.normals(gradient.values.count)
      let derivative = Definition<Dual>.derivative(
        of: problem, along: [input.rawValue: direction], clamp: clamp)
      let left =
        zip(problem.cotangents.y?.values ?? [], derivative.y?.values ?? []).map(*)
        + zip(problem.cotangents.state?.values ?? [], derivative.state?.values ?? []).map(*)
      let right = zip(gradient.values, direction).map(*)
      let size = (left + right).reduce(0) { $0 + $1.magnitude }
      #expect((left.reduce(0, +) - right.reduce(0, +)).magnitude <= 1e-13 * size)
      #expect(gradient.values.contains(0))
    }
  }
}
