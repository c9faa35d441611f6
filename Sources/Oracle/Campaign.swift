import Dispatch
import GatedDeltaRule
import Generator
import Synchronization

/// A run over many drawn cases.
///
/// Case i is drawn from hash(seed, i) alone, and cases are taken into account in the order of their indices, so
/// neither the number of threads nor the sharding changes what is found, only when.
public struct Campaign: Sendable {
  /// What to run.
  public struct Plan: Sendable {
    /// Who stands before the court, controls included.
    public var accused: [any Implementation]
    /// From which every case is drawn.
    public var seed: UInt64
    /// Which cases are drawn.
    public var profile: Profile = .standard
    /// Cases of the whole run; nil to go on until the time is up.
    public var cases: Int?
    /// When to stop.
    public var duration: Duration?
    /// Threads.
    public var jobs = 1
    /// Takes the cases i with i mod `shards` == `shard`.
    public var shard = 0, shards = 1
    /// Whether to stop at the first finding.
    public var failsFast = false
    /// Findings of one signature that are shrunk; more are only counted.
    public var shrunkPerSignature = 3

    /// One thread, one shard, no end.
    public init(accused: [any Implementation], seed: UInt64) {
      (self.accused, self.seed) = (accused, seed)
    }
  }

  /// A finding and how it came about.
  public struct Found: Sendable {
    /// As it is saved.
    public let finding: Finding
    /// The index of the case it was met in.
    public let index: Int
    /// That case.
    public let origin: Recipe
    /// How it was reduced.
    public let shrunk: Shrinker.Result
    /// The oracle's word on the reduced case.
    public let judgement: Judgement
    /// Whether it was found in a control.
    public let isControl: Bool
  }

  /// How far a run is.
  public struct Progress: Sendable {
    /// Cases heard.
    public let cases: Int
    /// Findings so far, controls apart.
    public let findings: Int
    /// Time since the start.
    public let elapsed: Duration
    /// What everybody came to so far.
    public let tallies: [Tally]
  }

  /// What a run came to.
  public struct Summary: Sendable {
    /// What was run.
    public let plan: Plan
    /// Cases heard.
    public var cases = 0
    /// Time it took.
    public var elapsed = Duration.zero
    /// One for each of the accused.
    public var tallies: [Tally] = []
    /// Reduced findings, in the order of their cases; controls apart.
    public var findings: [Found] = []
    /// The first finding in each control.
    public var caught: [Found] = []
    /// Failures by signature, whether reduced or only counted.
    public var failures: [String: Int] = [:]
    /// What was drawn.
    public var coverage = Coverage()
    /// Whether it was stopped from outside.
    public var wasInterrupted = false

    /// Controls that were not caught.
    public var escaped: [String] {
      plan.accused.filter(\.declaration.isControl).map(\.name).filter { name in
        !caught.contains { $0.finding.implementation == name }
      }
    }
  }

  private let plan: Plan
  private let court: Court
  private let clock = ContinuousClock()

  /// Nothing runs yet.
  public init(_ plan: Plan) {
    self.plan = plan
    court = Court(accused: plan.accused)
  }

  /// Runs to the end of the plan.
  ///
  /// - Parameters:
  ///   - save: called with every finding as soon as it is reduced, before anything else is told of it.
  ///   - report: called now and then.
  ///   - isInterrupted: asked before every case.
  public func run(
    save: (Found) throws -> Void, report: (Progress) -> Void, isInterrupted: @Sendable () -> Bool
  ) throws -> Summary {
    var summary = Summary(plan: plan)
    let start = clock.now
    var first = 0
    let total = plan.cases.map { ($0 - plan.shard + plan.shards - 1) / plan.shards } ?? .max
    while first < total {
      let hearings = hear(first..<min(total, first + 16 * plan.jobs), since: start, isInterrupted)
      for (offset, hearing) in hearings.enumerated() {
        try consider(hearing, index: index(first + offset), &summary, save: save)
        if plan.failsFast && !summary.findings.isEmpty { break }
      }
      first += hearings.count
      summary.elapsed = clock.now - start
      summary.wasInterrupted = isInterrupted()
      report(
        Progress(
          cases: summary.cases, findings: summary.findings.count, elapsed: summary.elapsed,
          tallies: summary.tallies))
      let isOver = plan.duration.map { summary.elapsed >= $0 } ?? false
      if isOver || summary.wasInterrupted || (plan.failsFast && !summary.findings.isEmpty) { break }
    }
    return summary
  }

  /// The index of the n-th case of this shard.
  private func index(_ n: Int) -> Int { n * plan.shards + plan.shard }

  /// The hearings of a range of cases, up to the first that the time did not suffice for.
  private func hear(
    _ range: Range<Int>, since start: ContinuousClock.Instant, _ isInterrupted: @Sendable () -> Bool
  ) -> [Court.Hearing] {
    let next = Atomic<Int>(range.lowerBound)
    let results = Mutex<[Int: Court.Hearing]>([:])
    DispatchQueue.concurrentPerform(iterations: plan.jobs) { _ in
      while true {
        let n = next.add(1, ordering: .relaxed).oldValue
        guard n < range.upperBound, !isInterrupted() else { return }
        if let duration = plan.duration, clock.now - start >= duration { return }
        let recipe = Recipe.draw(seed: plan.seed, index: UInt64(index(n)), profile: plan.profile)
        // What the generator draws is legal by construction; were it not, it would be a finding in ourselves.
        guard let hearing = try? court.hear(recipe) else { preconditionFailure("drew \(recipe)") }
        results.withLock { $0[n] = hearing }
      }
    }
    let heard = results.withLock { $0 }
    return range.prefix { heard[$0] != nil }.compactMap { heard[$0] }
  }

  private func consider(
    _ hearing: Court.Hearing, index: Int, _ summary: inout Summary, save: (Found) throws -> Void
  ) throws {
    if summary.tallies.isEmpty { summary.tallies = hearing.statements.map(Tally.init) }
    summary.cases += 1
    summary.coverage.count(hearing.recipe)
    for (position, statement) in hearing.statements.enumerated() {
      summary.tallies[position].add(statement, on: hearing.recipe)
      guard var failure = statement.failure, count(failure, statement, &summary) else { continue }
      let isCaught = summary.caught.contains { $0.finding.implementation == failure.implementation }
      if statement.isControl && isCaught { continue }
      if failure.isRepeatable, !isRepeated(failure, hearing.recipe, plan.accused[position]) {
        failure.isRepeatable = false
        guard count(failure, statement, &summary) else { continue }
      }
      let found =
        failure.isRepeatable
        ? try reduce(hearing.recipe, failure, plan.accused[position], index: index)
          ?? keep(hearing.recipe, failure, statement, index: index)
        : try keep(hearing.recipe, failure, statement, index: index)
      guard !summary.findings.contains(where: { $0.finding.fileName == found.finding.fileName }) else {
        continue
      }
      try save(found)
      if statement.isControl { summary.caught.append(found) } else { summary.findings.append(found) }
    }
  }

  /// Counts a failure, and says whether it is among the first of its signature, which are reduced: one of an answer
  /// that is none, since what is wrong with it is not in the case.
  private func count(_ failure: Failure, _ statement: Court.Statement, _ summary: inout Summary) -> Bool {
    summary.failures[failure.signature, default: 0] += 1
    let isSingle = statement.isControl || !failure.isRepeatable || failure.kind == Failure.noAnswer
    let limit = isSingle ? 1 : plan.shrunkPerSignature
    return summary.failures[failure.signature, default: 0] <= limit
  }

  /// Whether the case alone brings the failure about: the answer may have been that of an earlier case.
  private func isRepeated(_ failure: Failure, _ recipe: Recipe, _ implementation: any Implementation) -> Bool
  {
    implementation.startAfresh()
    return Court.failure(of: implementation, on: recipe, like: failure).map(failure.isShown) ?? false
  }

  /// A failure as it was met: asking again would not show it.
  private func keep(_ recipe: Recipe, _ failure: Failure, _ statement: Court.Statement, index: Int) throws
    -> Found
  {
    let finding = Finding(
      recipe, digest: try recipe.render().digest, statement.judgement, of: statement.implementation,
      why: Report.why(statement.judgement))
    var failure = failure
    failure.isRepeatable = false
    return Found(
      finding: finding, index: index, origin: recipe,
      shrunk: Shrinker.Result(recipe: recipe, failure: failure, evaluations: 0, isMinimal: false),
      judgement: statement.judgement, isControl: statement.isControl)
  }

  /// Nil if the reduced case, heard once more, is no failure: a program that has been given up, say.
  private func reduce(
    _ recipe: Recipe, _ failure: Failure, _ implementation: any Implementation, index: Int
  ) throws -> Found? {
    let shrunk = Shrinker().shrink(recipe, failing: failure) { recipe in
      plan.profile.takes(recipe) ? Court.failure(of: implementation, on: recipe, like: failure) : nil
    }
    let problem = try shrunk.recipe.render()
    let judgement = CrossCheck(problem, recipe: shrunk.recipe.text).judge(implementation)
    let isProperty = Property.named(shrunk.failure.kind) != nil
    guard isProperty || Failure(judgement, of: implementation.name) != nil else { return nil }
    var finding = Finding(
      shrunk.recipe, digest: problem.digest, judgement, of: implementation.name, why: Report.why(judgement))
    if isProperty {
      (finding.expectation, finding.kind) = (.disagrees, shrunk.failure.kind)
      (finding.ratio, finding.why) = (nil, "found by fuzzing: " + Report.violated(shrunk.failure))
    }
    return Found(
      finding: finding, index: index, origin: recipe, shrunk: shrunk, judgement: judgement,
      isControl: implementation.declaration.isControl)
  }
}

extension Finding.Expectation {
  /// The word for a verdict; a refusal is none that a saved case can expect.
  init(_ verdict: Verdict) {
    switch verdict {
    case .agrees, .refused: self = .agrees
    case .degraded: self = .degraded
    case .disagrees: self = .disagrees
    case .failed: self = .failed
    }
  }
}
