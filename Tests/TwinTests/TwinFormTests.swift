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

  @Test func isTheRule() throws {
    for (index, problem) in try TwinFormTests.problems().enumerated() {
      let reference = Reference(problem)
      for (place, form) in TwinFormTests.forms.enumerated() where place == 0 || (place + index) % 5 == 0 {
        let found = Twin(problem, form: form).results(seed: 1)
        for quantity in Quantity.all(at: problem.level) {
          let (truth, answer) = (try #require(reference[quantity]), try #require(found[quantity]))
          #expect(answer.shape == truth.shape)
          let size = truth.largestMagnitude
          let off = zip(truth.values, answer.values).map { ($0 - $1).magnitude }.reduce(0) {
            !($1 <= $0) ? $1 : $0
          }
          #expect(off <= 1e-10 * max(size, 1e-200), "\(index) \(quantity) \(form): \(off) of \(size)")
        }
      }
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
