import GatedDeltaRule
import Generator
import Mutants
import Oracle

/// A clean specimen on the cases of one seed that its mutants were judged on.
struct CleanTrial {
  let specimen: any Implementation
  /// Cases it did not refuse.
  private(set) var cases = 0
  /// Cases that it fails, wrongly.
  private(set) var falseAlarms: [(recipe: Recipe, kind: String)] = []
  /// Cases on which a usual test fails it; of an engine none is asked, since they know no sessions.
  private(set) var alarms: [UsualTest: Int] = [:]

  init(_ specimen: any Implementation, seed: UInt64, count: Int) throws {
    self.specimen = specimen
    let isEngine = specimen is EngineSpecimen
    for index in 0..<count {
      let recipe = Recipe.draw(
        seed: seed, index: UInt64(index), profile: .showing(isEngine ? .sessions : .nothing))
      let check = try CrossCheck(recipe)
      let result = check.judge(specimen, properties: .drawn)
      if let failure = result.failure { falseAlarms.append((recipe, failure.kind)) }
      guard let answer = result.evaluation else { continue }
      cases += 1
      if isEngine { continue }
      let tests = UsualTests(check.problem)
      for test in UsualTest.allCases where tests.fails(answer, specimen.declaration, test) {
        alarms[test, default: 0] += 1
      }
    }
  }
}
