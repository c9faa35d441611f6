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

  /// Cases whose drawing and rendering is timed apart.
  private static let timed = 256

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
  ///   - ledger: what the run had come to when it was interrupted; it goes on from there.
  ///   - spent: the time it had taken until then.
  ///   - observe: called with every case, its index and the time its hearing took, in the order of the indices.
  ///   - save: called with every finding as soon as it is reduced, before anything else is told of it; it may add to
  ///     the finding what is learnt of it.
  ///   - report: called after every case.
  ///   - isInterrupted: asked before every case, and between the steps of a reduction.
  public func run(
    resuming ledger: Ledger = Ledger(), after spent: Duration = .zero,
    observe: (Int, Court.Hearing, Duration) throws -> Void = { _, _, _ in },
    save: (inout Found) throws -> Void, report: (Progress) throws -> Void, isInterrupted: @Sendable () -> Bool
  ) throws -> Summary {
    var summary = Summary(plan: Record.Plan(plan), ledger: ledger, elapsed: spent)
    let start = clock.now - spent
    var generation: [Double] = []
    let total = plan.cases.map { max(0, ($0 - plan.shard + plan.shards - 1) / plan.shards) } ?? .max
    func isLate() -> Bool { plan.duration.map { clock.now - start >= $0 } ?? false }
    while summary.cases < total, !isLate() {
      let first = summary.cases
      let hearings = hear(first..<min(total, first + 16 * plan.jobs), since: start, isInterrupted)
      for (offset, (hearing, duration)) in hearings.enumerated() {
        try observe(index(first + offset), hearing, duration)
        if (first + offset) % 16 == 0, duration > .zero, generation.count < Campaign.timed {
          generation.append(clock.measure { _ = try? draw(first + offset).render() } / duration)
        }
        // Nothing is reduced where nobody fails, and what is kept is copied before it changes.
        let before = hearing.statements.contains { $0.failure != nil } ? summary.ledger : nil
        try consider(hearing, index: index(first + offset), &summary.ledger, save: save) {
          isInterrupted() || isLate()
        }
        // A reduction that may have been cut short is saved, and its case taken up again when the run goes on.
        if let before, isInterrupted(), summary.ledger.reduced.count > before.reduced.count {
          summary.unfinished = summary.ledger.reduced.dropFirst(before.reduced.count)
            .filter { !$0.isControl && before.twin(of: $0) == nil }
          summary.ledger = before
          break
        }
        summary.elapsed = clock.now - start
        try report(Progress(ledger: summary.ledger, elapsed: summary.elapsed))
        if plan.failsFast && !summary.findings.isEmpty { break }
      }
      summary.elapsed = clock.now - start
      summary.generatorShare = generation.isEmpty ? 0 : generation.sorted()[generation.count / 2]
      summary.wasInterrupted = isInterrupted()
      if summary.wasInterrupted || (plan.failsFast && !summary.findings.isEmpty) { break }
    }
    return summary
  }

  /// The n-th case of this shard.
  private func draw(_ n: Int) -> Recipe {
    Recipe.draw(seed: plan.seed, index: UInt64(index(n)), profile: plan.profile)
  }

  /// The index of the n-th case of this shard.
  private func index(_ n: Int) -> Int { n * plan.shards + plan.shard }

  /// The hearings of a range of cases, up to the first that the time did not suffice for.
  private func hear(
    _ range: Range<Int>, since start: ContinuousClock.Instant, _ isInterrupted: @Sendable () -> Bool
  ) -> [(Court.Hearing, Duration)] {
    let next = Atomic<Int>(range.lowerBound)
    let results = Mutex<[Int: (Court.Hearing, Duration)]>([:])
    DispatchQueue.concurrentPerform(iterations: plan.jobs) { _ in
      while true {
        let n = next.add(1, ordering: .relaxed).oldValue
        guard n < range.upperBound, !isInterrupted() else { return }
        let begin = clock.now
        if let duration = plan.duration, begin - start >= duration { return }
        let recipe = draw(n)
        // What the generator draws is legal by construction; were it not, it would be a finding in ourselves.
        guard let hearing = try? court.hear(recipe) else { preconditionFailure("drew \(recipe)") }
        let end = clock.now
        results.withLock { $0[n] = (hearing, end - begin) }
      }
    }
    let heard = results.withLock { $0 }
    return range.prefix { heard[$0] != nil }.compactMap { heard[$0] }
  }

  private func consider(
    _ hearing: Court.Hearing, index: Int, _ ledger: inout Ledger, save: (inout Found) throws -> Void,
    unless isOver: () -> Bool
  ) throws {
    if ledger.tallies.isEmpty {
      ledger.tallies = hearing.statements.map(Tally.init)
      ledger.resemblances = Resemblance.pairs(plan.accused)
    }
    ledger.cases += 1
    ledger.compare(hearing.statements)
    ledger.coverage.count(hearing.recipe)
    for (position, statement) in hearing.statements.enumerated() {
      ledger.tallies[position].add(statement, on: hearing.recipe, at: index)
      guard var failure = statement.failure, count(failure, statement, &ledger) else { continue }
      let isCaught = ledger.caught.contains { $0.finding.implementation == failure.implementation }
      if statement.isControl && isCaught { continue }
      if failure.isRepeatable, !isRepeated(failure, hearing.recipe, plan.accused[position]) {
        failure.isRepeatable = false
        guard count(failure, statement, &ledger) else { continue }
      }
      var found =
        failure.isRepeatable
        ? try reduce(hearing.recipe, failure, plan.accused[position], index: index, unless: isOver)
          ?? keep(hearing.recipe, failure, statement, index: index)
        : try keep(hearing.recipe, failure, statement, index: index)
      if ledger.twin(of: found) == nil { try save(&found) }
      ledger.keep(found)
    }
  }

  /// Counts a failure, and says whether it is among the first of its signature, which are reduced: one of an answer
  /// that is none, since what is wrong with it is not in the case.
  private func count(_ failure: Failure, _ statement: Court.Statement, _ ledger: inout Ledger) -> Bool {
    ledger.failures[failure.signature, default: 0] += 1
    let isSingle = statement.isControl || !failure.isRepeatable || failure.kind == Failure.noAnswer
    let limit = isSingle ? 1 : plan.shrunkPerSignature
    return ledger.failures[failure.signature, default: 0] <= limit
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
    var finding = Finding(
      recipe, digest: try recipe.render().digest, statement.judgement, of: statement.implementation,
      why: Report.why(statement.judgement))
    finding.role = statement.isControl ? .control : nil
    var failure = failure
    failure.isRepeatable = false
    return Found(
      finding: finding, index: index, origin: recipe, signature: failure.signature,
      shrunk: Shrinker.Result(recipe: recipe, failure: failure, evaluations: 0, isMinimal: false),
      sentence: Report.sentence(statement.judgement, failure), isControl: statement.isControl)
  }

  /// Nil if the reduced case, heard once more, is no failure: a program that has been given up, say.
  private func reduce(
    _ recipe: Recipe, _ failure: Failure, _ implementation: any Implementation, index: Int,
    unless isOver: () -> Bool
  ) throws -> Found? {
    let shrunk = Shrinker().shrink(recipe, failing: failure, unless: isOver) { recipe in
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
    let isControl = implementation.declaration.isControl
    finding.role = isControl ? .control : nil
    return Found(
      finding: finding, index: index, origin: recipe, signature: failure.signature, shrunk: shrunk,
      sentence: Report.sentence(judgement, shrunk.failure),
      isControl: isControl)
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
