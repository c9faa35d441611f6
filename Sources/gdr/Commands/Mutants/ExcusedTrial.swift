import Generator
import Machine
import Mutants
import Oracle

/// What is no fault since a public kernel's own form loses as much, on cases in which something is rounded.
struct ExcusedTrial {
  let mutant: Mutant
  /// Cases that it answered, those that it failed, and those in which a note says that its residual is rounded.
  private(set) var cases = 0, fails = 0, noted = 0
  /// The largest error over bound.
  private(set) var worst = 0.0

  /// - Parameter count: cases drawn.
  init(_ mutant: Mutant, seed: UInt64 = 1, count: Int = 500) throws {
    self.mutant = mutant
    let implementation = mutant.implementation()
    for index in 0..<count {
      let check = try CrossCheck(Recipe.draw(seed: seed, index: UInt64(index), profile: .rounding))
      let result = check.judge(implementation, properties: .showing(kind: Property.residual.name))
      guard !result.judgement.ratios.isEmpty else { continue }
      cases += 1
      if result.failure != nil { fails += 1 }
      if result.movements[Property.residual.name]?.moved ?? 0 > 0 { noted += 1 }
      worst = result.judgement.ratios.values.reduce(worst) { $1 <= $0 ? $0 : $1 }
    }
  }

  /// One line.
  var text: String {
    "named, no fault: \(mutant.name): \(mutant.fault) (\(mutant.model)); fails in \(fails) of \(counted(cases, "case")), "
      + "worst error \(Report.number(worst)) of its bound"
      + (noted > 0 ? "; rounds its residual, says a note in \(noted)" : "")
  }
}
