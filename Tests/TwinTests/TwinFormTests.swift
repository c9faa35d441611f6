import GatedDeltaRule
import Generator
import Oracle
import Support
import Testing
import Twin

/// Without roundings every form is the rule.
@Suite struct TwinFormTests {
  /// Everything that a form may be.
  static let forms: [TwinForm] = {
    var forms = [TwinForm()]
    for length in [5, 16, 64] {
      for wy in Arrangement.WY.allCases {
        for system in Arrangement.System.allCases {
          for exponents in Arrangement.Exponents.allCases {
            for dg in Arrangement.DecayGradient.allCases {
              var form = TwinForm()
              form.form = .chunked(length: length)
              (form.wy, form.system, form.exponents, form.dg) = (wy, system, exponents, dg)
              forms.append(form)
            }
          }
        }
      }
    }
    for index in forms.indices {
      forms[index].rounds = false
      forms[index].inverse = index % 3 == 0 ? .powers : .rows
    }
    return forms
  }()

  @Test func `samples of every kind, mask and level`() throws {
    for (index, problem) in try TwinFormTests.problems().enumerated() {
      for (place, form) in TwinFormTests.forms.enumerated() where place == 0 || (place + index) % 7 == 0 {
        try expectRule(form, problem, "sample \(index)")
      }
    }
  }

  @Test func `drawn cases`() throws {
    let profile = Profile.small.withoutExactCases
    for index in 0..<60 {
      let recipe = Recipe.draw(seed: 17, index: UInt64(index), profile: profile)
      let problem = try recipe.render()
      for place in [0, 1 + index, 1 + (index + 37) % 72] {
        try expectRule(TwinFormTests.forms[place % TwinFormTests.forms.count], problem, recipe.text)
      }
    }
  }

  @Test func `decays of zero and below every logarithm`() throws {
    let shape = try Shape(B: 1, T: 40, Hk: 1, Hv: 2, Dk: 5, Dv: 3)
    for (seed, level) in [(3, Level.core), (4, .core), (5, .model)] {
      let problem = try Sample(shape: shape, level: level, family: .decay, seed: UInt64(seed)).problem
      for place in stride(from: 0, to: TwinFormTests.forms.count, by: 9) {
        try expectRule(TwinFormTests.forms[place], problem, "seed \(seed)")
      }
    }
  }

  /// The form without roundings gives the reference's results: to 1e-10 of the largest element, or, where the terms of
  /// a result cancel, to a millionth of what fp32 may lose there, which fp64 stays far below. The gradient by log g in
  /// place of that by g: where the decay is tiny the latter is a small number through a smaller one.
  private func expectRule(_ form: TwinForm, _ problem: Problem, _ name: String) throws {
    let reference = Reference(problem)
    let found = Twin(problem, form: form).results(seed: 1)
    let bound = Bound(problem, for: Declaration(form: form.form))
    for quantity in Quantity.all(at: problem.level) {
      let (truth, answer) = (try #require(reference[quantity]), try #require(found[quantity]))
      let limits = try #require(bound[quantity]).values
      #expect(answer.shape == truth.shape)
      // Past the range of fp64 there is nothing to compare.
      guard truth.isFinite else { continue }
      var weights = [Double](repeating: 1, count: limits.count)
      if quantity == .dg, case .core(let g, _) = problem.primals.gates, form.form != .sequential {
        // A decay that has no logarithm is applied by itself; a masked one may be anything.
        for i in weights.indices where g.values[i] >= 0x1p-126 && g.values[i].isFinite {
          weights[i] = g.values[i]
        }
      }
      let size = zip(truth.values, weights).map { ($0 * $1).magnitude }.max() ?? 0
      let isRule = truth.values.indices.allSatisfy { i in
        let off = (truth.values[i] - answer.values[i]).magnitude * weights[i]
        return off <= max(1e-10 * size, 1e-6 * limits[i] * weights[i], 1e-300)
      }
      #expect(isRule, "\(name) \(quantity) \(form)")
    }
  }

  static func problems() throws -> [Problem] {
    var problems: [Problem] = []
    for (index, mask) in Sample.MaskKind.allCases.enumerated() {
      for level in Level.allCases {
        for kind in DecayKind.allCases {
          let shape = try Shape(
            B: 2, T: 7 + 5 * index, Hk: 1 + index % 2, Hv: 2, Dk: 3 + 2 * index, Dv: 9 - index,
            decayKind: kind)
          problems.append(
            try Sample(
              shape: shape, level: level, family: index % 2 == 0 ? .benign : .norms, mask: mask,
              seed: UInt64(index)
            ).problem)
        }
      }
    }
    return problems
  }
}
