import Machine
import Mutants

/// The same mutants as kernels in bf16: what of them is still seen, and by what.
struct CoarseTable {
  private(set) var scores: [CoarseScore] = []
  /// Clean specimens that fail as kernels in bf16, by name.
  let falseAlarms: [String]
  let seeds: Int
  /// Mutants that are not run so, since one call shows nothing of them.
  let left: Int

  /// - Parameter report: called when a mutant is through.
  init(of mutants: [Mutant], seeds: Int, jobs: Int, report: () -> Void) throws {
    self.seeds = seeds
    let (all, mutants) = (mutants.count, mutants.filter(\.isSeenInOneCall))
    left = all - mutants.count
    let numbers = (1...seeds).map(UInt64.init)
    for mutant in mutants {
      let trials = try inParallel(numbers, jobs: jobs) { seed in
        try CoarseTrial(InBF16(mutant.implementation()), needs: mutant.needs, seed: seed)
      }
      scores.append(CoarseScore(mutant, trials))
      report()
    }
    let used = Specimen.clean.filter { specimen in mutants.contains { $0.clean.name == specimen.name } }
    let alarms = try inParallel(used, jobs: jobs) { specimen in
      try numbers.compactMap { seed in
        try CoarseTrial(InBF16(specimen), needs: .nothing, seed: seed).test
          .map { "\(specimen.name), \($0), from seed \(seed)" }
      }
    }
    falseAlarms = alarms.flatMap(\.self)
  }

  func lines(on console: Console) -> [String] {
    var table = Table(["in bf16, no fp64", "mutants", "caught", "cases", "90 %"] + CoarseTable.tests)
    for kind in Mutant.Kind.allCases {
      add(kind.rawValue, scores.filter { $0.mutant.kind == kind }, to: &table)
    }
    add("all", scores, to: &table)
    let missed = scores.filter { $0.caught < seeds }
    return (scores.isEmpty ? [] : table.lines(on: console))
      + missed.map { score in
        "in bf16 caught from \(score.caught) of \(counted(seeds, "seed")): \(score.mutant.name), \(score.mutant.fault)"
      }
      + falseAlarms.map { "clean, but fails in bf16: \($0)" }
      + (left > 0 ? ["not run in bf16: \(counted(left, "mutant")) of sessions"] : [])
  }

  /// How often each test is the one; what is none of these is a property.
  private static let tests = ["exact", "bound", "evidence", "other"]

  private func add(_ name: String, _ scores: [CoarseScore], to table: inout Table) {
    guard !scores.isEmpty else { return }
    let found = scores.flatMap(\.tests)
    let named = CoarseTable.tests.dropLast().map { test in found.count { $0 == test } }
    let counts = named + [found.count - named.reduce(0, +)]
    table.add(
      [
        .init(name), .init("\(scores.count)"), .init("\(found.count)/\(scores.count * seeds)"),
        .init("\(quantile(scores.map { $0.cases(at: 0.5) }, 0.5))"),
        .init("\(quantile(scores.map { $0.cases(at: 0.5) }, 0.9))"),
      ] + counts.map { .init("\($0)") })
  }
}
