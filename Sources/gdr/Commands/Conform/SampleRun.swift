import Foreign
import GatedDeltaRule
import Generator
import Oracle

/// Ten small problems that a worker takes, judged as a run judges them, and the command that goes on with more.
struct SampleRun {
  /// How many are evaluated, and how many are drawn for that at most.
  private static let (wanted, most) = (10, 60)

  private let program: Program
  private let command: String
  private var results: [(recipe: Recipe, result: CaseResult)] = []
  private var refused = 0
  private var elapsed = Duration.zero

  /// Evaluates them.
  init(_ program: Program, _ taken: Taken, asked: Restriction, families: [Family]) {
    self.program = program
    var profile = Profile(size: .small)
    profile.families = families.isEmpty ? taken.families : families
    profile.restriction = asked.filled(by: taken.restriction)
    profile.contracts = .one(program.declaration.contract ?? .plain)
    profile.sessionShare = 0
    if profile.reasonAgainstExactCases != nil { profile.exactShare = 0 }
    let flags = Taken(taken, with: profile).flags
    command = "gdr fuzz \(Report.against("mine", program.command))\(flags) --for 5m"
    let clock = ContinuousClock()
    let progress = JobProgress("small problems", of: SampleRun.wanted)
    defer { progress.clear() }
    for index in 0..<UInt64(SampleRun.most) where results.count < SampleRun.wanted {
      let recipe = Recipe.draw(seed: 1, index: index, profile: profile)
      guard let check = try? CrossCheck(recipe) else { continue }
      let start = clock.now
      let result = check.judge(program)
      if case .refused = result.judgement.verdict {
        refused += 1
      } else {
        elapsed += clock.now - start
        results.append((recipe, result))
        progress.advance()
      }
    }
  }

  /// What came of them, how fast it was, and what comes next; whether all of them pass.
  func say(to context: Context) -> Bool {
    let passes = results.count { $0.result.failure == nil }
    let rate = elapsed > .zero ? Double(results.count) / (elapsed / .seconds(1)) : 0
    context.console.say(
      "\(results.count) small problems: \(passes) pass"
        + (passes < results.count ? ", \(results.count - passes) fail" : "")
        + (refused > 0 ? ", \(refused) more refused" : "")
        + "; \(Report.number(rate)) problems a second on one thread")
    if let (recipe, result) = results.first(where: { $0.result.failure != nil }) {
      context.console.say("note  \(Report.sentence(result))")
      context.console.say("  gdr replay \(recipe.text) \(Report.against("mine", program.command))")
    }
    context.console.say(
      passes == results.count
        ? "ready: \(command)"
        : "it answers as it must, and \(results.count - passes) of \(results.count) answers are wrong; what is wrong and where: \(command)"
    )
    return passes == results.count
  }
}

extension Taken {
  /// The same with what a profile asks for.
  fileprivate init(_ taken: Taken, with profile: Profile) {
    self = taken
    (restriction, families) = (profile.restriction, profile.families)
  }
}
