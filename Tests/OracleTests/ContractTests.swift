import GatedDeltaRule
import Support
import Sweep
import Testing

@testable import Oracle

/// Every contract with samples of every level and kind of decay.
@Suite struct ContractTests {
  private static let samples: [Sample] = Contract.cases.enumerated().flatMap { c, contract in
    [0, 2, 3].flatMap { s in
      Level.allCases.enumerated().map { l, level in
        let place = c + s + l
        // 1e12 is no fp16 number.
        let families = Sample.Family.allCases.filter { contract.state != .fp16 || $0 != .magnitude }
        var sample = Sample(
          shape: shapes[s], level: level, family: families[place % families.count],
          mask: Sample.MaskKind.allCases[place % Sample.MaskKind.allCases.count],
          seed: UInt64(100 * c + 10 * s + l), hasState: true, hasCotangents: true)
        sample.contract = contract
        return sample
      }
    }
  }

  @Test(arguments: samples.indices) func `forward is the definition`(case i: Int) throws {
    let problem = try Self.samples[i].problem
    let expected = Definition<Double>.outputs(of: problem)
    let reference = Reference(problem)
    for (quantity, tensor) in [(Quantity.y, expected.y), (.stateOut, expected.state)] {
      let expected = try #require(tensor)
      let found = try #require(reference[quantity])
      let limit = 1e-12 * expected.largestMagnitude
      let isNear = zip(found.values, expected.values).allSatisfy { ($0 - $1).magnitude <= limit }
      #expect(isNear, "\(Self.samples[i]) \(quantity)")
    }
  }

  /// <dy, J x> = <J^T dy, x> for a random direction x in one input at a time.
  @Test(arguments: samples.indices)
  func `gradients are those of the definition in dual numbers`(case i: Int) throws {
    let problem = try Self.samples[i].problem
    let reference = Reference(problem)
    var random = Random(seed: UInt64(i))
    for input in problem.tensors.map(\.input) {
      guard let quantity = input.gradient, problem.quantities.contains(quantity) else { continue }
      let gradient = try #require(reference[quantity])
      // What is infinite does not move.
      let given = try #require(problem.tensors.first { $0.input == input }).tensor.values
      let direction = zip(random.normals(gradient.values.count), given).map { $1.isFinite ? $0 : 0 }
      let derivative = Definition<Dual>.derivative(of: problem, along: [input.rawValue: direction])
      let left = derivativeTerms(problem, derivative)
      let right = zip(gradient.values, direction).map(*)
      let size = (left + right).reduce(0) { $0 + $1.magnitude }
      let gap = left.reduce(0, +) - right.reduce(0, +)
      #expect(gap.magnitude <= 1e-12 * size, "\(Self.samples[i]) \(input): \(gap) of \(size)")
    }
  }

  /// A loss is quadratic in a key and affine in the rest of the rule whatever becomes of them first: the central
  /// difference of a function of k alone is compared at three steps, whose errors are those of a fourth-order rule.
  @Test func `the gradient of a normalised key is a difference of the loss`() throws {
    var sample = Sample(shape: shapes[0], level: .core, seed: 7, hasState: true, hasCotangents: true)
    sample.contract = try Contract("qk=l2norm:1e-6,scale=rsqrt,decay=log")
    let problem = try sample.problem
    let reference = Reference(problem)
    for (input, quantity) in [(Input.q, Quantity.dq), (.k, .dk), (.g, .dg)] {
      for index in [0, 4, 7] {
        func loss(_ step: Double) -> Double {
          var inputs = Definition<Double>(problem)
          switch input {
          case .q: inputs.q[index] += step
          case .k: inputs.k[index] += step
          default:
            guard case .core(var g, let beta) = inputs.gates else { return .nan }
            g[index] += step
            inputs.gates = .core(g: g, beta: beta)
          }
          let (y, state) = inputs.outputs(
            shape: problem.shape, mask: problem.mask, contract: problem.contract, clamp: .none)
          return zip(problem.cotangents.y!.values, y).map(*).reduce(0, +)
            + zip(problem.cotangents.state!.values, state).map(*).reduce(0, +)
        }
        let h = 1e-3
        let difference =
          (8 * (loss(h) - loss(-h)) - (loss(2 * h) - loss(-2 * h))) / (12 * h)
        let gradient = try #require(reference[quantity]).values[index]
        #expect((difference - gradient).magnitude <= 1e-8 * max(1, gradient.magnitude), "\(input) \(index)")
      }
    }
  }

  @Test func `a row of zeros has a gradient that epsilon alone limits`() throws {
    var sample = Sample(shape: shapes[4], level: .core, seed: 3, hasState: true, hasCotangents: true)
    sample.contract = try Contract("qk=l2norm:1e-6")
    var primals = try sample.problem.primals
    for i in primals.k.values.indices { primals.k.values[i] = 0 }
    let problem = try Problem(
      shape: sample.shape, primals: primals, cotangents: try sample.problem.cotangents,
      contract: sample.contract)
    primals.q.values = try #require(QueryKeyLayer(problem)).q
    let plain = try Problem(shape: sample.shape, primals: primals, cotangents: problem.cotangents)
    let (dk, dn) = (try #require(Reference(problem)[.dk]), try #require(Reference(plain)[.dk]))
    let isFar = zip(dk.values, dn.values).contains { ($0 - 1000 * $1).magnitude > 1e-9 * $0.magnitude }
    #expect(!isFar && dk.largestMagnitude > 0)
  }

  private func derivativeTerms(_ problem: Problem, _ tangent: Outputs) -> [Double] {
    var terms = zip(problem.cotangents.state!.values, tangent.state!.values).map(*)
    let (dy, y) = (problem.cotangents.y!, tangent.y!)
    let width = problem.shape.Hv * problem.shape.Dv
    for i in dy.values.indices where problem.mask?.live[i / width] ?? true {
      terms.append(dy.values[i] * y.values[i])
    }
    return terms
  }
}
