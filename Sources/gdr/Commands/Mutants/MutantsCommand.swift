import Foundation
import Machine
import Mutants
import Oracle

extension Command {
  /// `gdr mutants`: what do the tests not see?
  static let mutants = Command(
    name: "mutants", operands: "", summary: "test the tester: planted faults, and which tests see them",
    flags: [
      Flag("seeds", "N", summary: "from how many seeds each is tested (20)"),
      Flag(
        "only", "NAMES|CLASS", words: Mutant.Kind.allCases.map(\.rawValue) + Mutant.all.map(\.name),
        summary: "these mutants or classes, separated by commas"),
      Flag("csv", "FILE", file: .written, summary: "where the table goes as CSV"),
      Flag("jobs", "N", summary: "threads (by default one a core); changes nothing but the seconds"),
      Flag("quick", summary: "three seeds; nothing is reduced, or run in bf16"),
      Flag(
        "shares",
        summary:
          "what drawing fp64 and each property oftener, or more rarely, does to the time until all are caught"
      ),
    ]
  ) { arguments, context in
    try arguments.noOperands()
    let isQuick = arguments.has("quick")
    let plan = MutantRun(
      mutants: try chosen(arguments),
      seeds: try arguments.integer("seeds", in: 1...100_000) ?? (isQuick ? 3 : 20),
      jobs: try arguments.integer("jobs", in: Arguments.threads)
        ?? ProcessInfo.processInfo.activeProcessorCount,
      reduces: !isQuick)
    if arguments.has("shares") {
      for other in ["seeds", "csv", "quick"] where arguments.value(other) != nil || arguments.has(other) {
        throw UsageError.exclusive(flag: "shares", other: other)
      }
      let table = try plan.shares()
      for line in table.lines(on: context.console) { context.console.say(line) }
      return .nothing
    }
    let progress = JobProgress("mutants", of: plan.steps)
    defer { progress.clear() }
    let report = try plan.run(progress)
    progress.clear()
    for text in report.lines(on: context.console) { context.console.say(text) }
    if let path = arguments.value("csv") { try AtomicFile.write(Data(report.csv.utf8), to: path) }
    return report.isHealthy ? .nothing : .unhealthy
  }

  private static func chosen(_ arguments: Arguments) throws(UsageError) -> [Mutant] {
    guard let names = arguments.value("only") else { return Mutant.all }
    var chosen: [Mutant] = []
    for name in names.split(separator: ",").map(String.init) {
      let found = Mutant.all.filter { $0.name == name || $0.kind.rawValue == name }
      guard !found.isEmpty else {
        let known = Mutant.Kind.allCases.map(\.rawValue) + Mutant.all.map(\.name)
        throw .unknownMutant(name, nearest: nearest(to: name, in: known))
      }
      chosen += found.filter { mutant in !chosen.contains { $0.name == mutant.name } }
    }
    return chosen
  }
}

/// Mutants, and how often each is tested.
struct MutantRun {
  let mutants: [Mutant]
  let seeds: Int
  let jobs: Int
  /// Whether what catches a mutant first is reduced.
  let reduces: Bool
  /// Small cases after which a mutant counts as not caught, about a minute of them.
  private let limit = 20_000

  init(mutants: [Mutant], seeds: Int, jobs: Int, reduces: Bool) {
    (self.mutants, self.seeds, self.jobs, self.reduces) = (mutants, seeds, jobs, reduces)
  }

  /// What is to be done: each mutant, and where there is time again in bf16.
  var steps: Int { mutants.count + (reduces ? mutants.count(where: \.isSeenInOneCall) : 0) }

  /// - Parameter progress: told of every step.
  func run(_ progress: JobProgress) throws -> MutantReport {
    let numbers = (1...seeds).map(UInt64.init)
    var scores: [MutantScore] = []
    for mutant in mutants {
      progress.note(mutant.name)
      let trials = try inParallel(numbers, jobs: jobs) { try MutantTrial(mutant, seed: $0, limit: limit) }
      scores.append(MutantScore(mutant, trials))
      progress.advance()
    }
    if reduces {
      progress.note("what they were caught on is reduced")
      let forms = try inParallel(scores, jobs: jobs) { score in
        [score.trials.prefix(MutantReport.reducedSeeds).compactMap { $0.reduced(score.mutant) }]
      }
      for (i, recipes) in forms.enumerated() { scores[i].forms = recipes[0] }
    }
    progress.note("the clean specimens")
    let excused = mutants.count == Mutant.all.count ? Mutant.excused : []
    return MutantReport(
      scores: scores, clean: try clean(scores), excused: try excused.map { try ExcusedTrial($0) },
      coarse: try coarse(progress), seeds: seeds)
  }

  func shares() throws -> ShareTable {
    let progress = JobProgress("mutants", of: mutants.count)
    defer { progress.clear() }
    let sights = try inParallel(mutants, jobs: jobs) { mutant in
      defer { progress.advance() }
      return try Sight(of: mutant)
    }
    return ShareTable(sights: sights)
  }

  private func coarse(_ progress: JobProgress) throws -> CoarseTable? {
    guard reduces else { return nil }
    progress.note("in bf16")
    return try CoarseTable(
      of: mutants, seeds: min(seeds, MutantReport.reducedSeeds), jobs: jobs, report: progress.advance)
  }

  /// Every clean specimen on every case that one of its mutants was judged on.
  private func clean(_ scores: [MutantScore]) throws -> [CleanTrial] {
    let used = Mutant.clean.filter { specimen in scores.contains { $0.mutant.clean.name == specimen.name } }
    let trials = used.flatMap { specimen in
      (0..<seeds).map { n in
        let own = scores.filter { $0.mutant.clean.name == specimen.name }
        return (specimen, UInt64(n + 1), own.map { $0.trials[n].cases }.max() ?? 0)
      }
    }
    return try inParallel(trials, jobs: jobs) { try CleanTrial($0, seed: $1, count: $2) }
  }
}
