import GatedDeltaRule
import Support
import Sweep
import Testing

@testable import Oracle

/// Shapes with two key heads and more, groups, Dk != Dv, and T past a segment of the sweep.
let shapes: [Shape] = [
  try! Shape(B: 2, T: 5, Hk: 2, Hv: 4, Dk: 3, Dv: 5),
  try! Shape(B: 1, T: 70, Hk: 2, Hv: 4, Dk: 4, Dv: 3),
  try! Shape(B: 2, T: 7, Hk: 2, Hv: 6, Dk: 5, Dv: 3, decayKind: .perChannel),
  try! Shape(B: 1, T: 67, Hk: 3, Hv: 6, Dk: 3, Dv: 4, decayKind: .perChannel),
  try! Shape(B: 1, T: 1, Hk: 1, Hv: 2, Dk: 2, Dv: 1),
]

/// Every shape at both levels, families and masks cycling.
let samples: [Sample] = shapes.indices.flatMap { s in
  Level.allCases.flatMap { level in
    Sample.Family.allCases.enumerated().map { f, family in
      Sample(
        shape: shapes[s], level: level, family: family,
        mask: Sample.MaskKind.allCases[(s + f) % Sample.MaskKind.allCases.count], seed: UInt64(100 * s + f))
    }
  }
}

@Suite struct ReferenceTests {
  @Test(arguments: samples.indices)
  func `forward is the definition bit for bit`(case i: Int) throws {
    let problem = try samples[i].problem
    let expected = Definition<Double>.outputs(of: problem)
    let reference = Reference(problem)
    #expect(try #require(reference[.y]).bits == #require(expected.y).bits)
    #expect(try #require(reference[.stateOut]).bits == #require(expected.state).bits)
  }

  /// <dy, J x> = <J^T dy, x> for a random direction x in one input at a time.
  @Test(arguments: samples.indices)
  func `gradients are those of the definition in dual numbers`(case i: Int) throws {
    let problem = try samples[i].problem
    let reference = Reference(problem)
    var random = Random(seed: UInt64(i))
    var inputs = problem.tensors.map(\.input).filter { $0.gradient != nil }
    if !inputs.contains(.stateIn) { inputs.append(.stateIn) }
    for input in inputs {
      let quantity = try #require(input.gradient)
      let gradient = try #require(reference[quantity])
      let direction = random.normals(gradient.values.count)
      let derivative = Definition<Dual>.derivative(of: problem, along: [input.rawValue: direction])
      let left = terms(problem, derivative)
      let right = zip(gradient.values, direction).map(*)
      let size = (left + right).reduce(0) { $0 + $1.magnitude }
      let gap = left.reduce(0, +) - right.reduce(0, +)
      guard gap.magnitude <= 1e-13 * size else {
        Issue.record("\(samples[i].family) \(samples[i].shape) \(input): \(gap) of \(size)")
        continue
      }
    }
  }

  /// The terms of <dy, tangent> that count.
  private func terms(_ problem: Problem, _ tangent: Outputs) -> [Double] {
    var terms: [Double] = []
    if let dy = problem.cotangents.y, let y = tangent.y {
      let width = problem.shape.Hv * problem.shape.Dv
      for i in dy.values.indices where problem.mask?.live[i / width] ?? true {
        terms.append(dy.values[i] * y.values[i])
      }
    }
    if let dstate = problem.cotangents.state, let state = tangent.state {
      terms += zip(dstate.values, state.values).map(*)
    }
    return terms
  }
}
