import GatedDeltaRule
import Implementations
import Kernels
import Oracle
import Testing
import gdr

@Suite struct GuardTests {
  /// What `gdr guard --quick` asserts of the sources as they are.
  @Test func `the guarded facts hold`() throws {
    let solve = try #require(Catalogue.chunkedForm(named: "chunked")).solve
    let cells = try GuardSweep(.quick, default: solve).run()
    for fact in GuardFact.judge(cells, default: solve) {
      #expect(fact.holds, "\(fact.claim): \(fact.measured). \(fact.cause ?? "")")
    }
  }

  @Test func `a default sub-block of 32 is named as the cause`() throws {
    let solve = Solve(.doubling, subBlock: 32)
    let cells = try GuardSweep(.quick, default: solve).run()
    let broken = GuardFact.judge(cells, default: solve).filter { !$0.holds }
    #expect(broken.count == 1)
    let cause = try #require(broken.first?.cause)
    #expect(cause.contains("is now doubling in sub-blocks of 32; recorded is doubling in sub-blocks of 16"))
    #expect(cause.contains("substitution"))
  }

  @Test func `the guard needs nothing but its facts to end well`() {
    let result = run(["guard", "--quick"])
    #expect(result.code == .nothing, "\(result.out)")
    #expect(result.out.count == 6)
  }

  // MARK: judgement of made-up sweeps

  func cell(
    _ solve: Solve, T: Int, error: Double, grade: Grade = .agrees, backwardError: Double = 1
  ) -> GuardCell {
    GuardCell(
      solve, at: GuardPoint(T: T), error: error, grade: grade,
      measure: SolveMeasure(error: error, backwardError: backwardError, predicted: 1))
  }

  /// A sweep as it should be, with some cells exchanged.
  func verdicts(_ changed: [GuardCell] = []) -> [Bool] {
    let doubling = Solve(.doubling, subBlock: 16)
    let unstable = Solve(.doubling, subBlock: 32)
    let stable = Solve(.substitution)
    var cells = [
      cell(doubling, T: 64, error: 1e-3, grade: .degraded),
      cell(doubling, T: 256, error: 1e-3, grade: .degraded),
      cell(unstable, T: 64, error: 1e3, grade: .disagrees),
      cell(unstable, T: 256, error: 1e11, grade: .disagrees),
      cell(stable, T: 64, error: 1e-6), cell(stable, T: 256, error: 1e-6),
    ]
    for one in changed {
      cells.removeAll { $0.method == one.method && $0.subBlock == one.subBlock && $0.point == one.point }
      cells.append(one)
    }
    return GuardFact.judge(cells, default: doubling).map(\.holds)
  }

  @Test func `a sweep as recorded changes nothing`() {
    #expect(verdicts() == [true, true, true, true, true, true])
  }

  @Test func `substitution that degrades is a change`() {
    let cell = cell(Solve(.substitution), T: 64, error: 1e-4, grade: .degraded)
    #expect(verdicts([cell]) == [true, false, true, true, true, true])
  }

  @Test func `a backward error past the theorem is a change`() {
    let cell = cell(Solve(.substitution), T: 64, error: 1e-6, backwardError: 200)
    #expect(verdicts([cell]) == [true, true, false, true, true, true])
  }

  @Test func `an error that grows with T is a change`() {
    let cell = cell(Solve(.doubling, subBlock: 16), T: 256, error: 4.5e-3, grade: .degraded)
    #expect(verdicts([cell]) == [true, true, true, true, false, true])
  }

  @Test func `NaN is no small error`() {
    let cell = cell(Solve(.doubling, subBlock: 16), T: 64, error: .nan, grade: .disagrees)
    #expect(!verdicts([cell])[0])
    #expect(!verdicts([cell])[3])
  }

  @Test func `a corner that no longer bites is a change`() {
    let cell = cell(Solve(.doubling, subBlock: 32), T: 256, error: 1e-3, grade: .degraded)
    #expect(verdicts([cell]) == [true, true, true, true, true, false])
  }

  @Test func `nothing measured is nothing shown`() {
    #expect(GuardFact.judge([], default: Solve(.doubling, subBlock: 16)).allSatisfy { !$0.holds })
  }
}
