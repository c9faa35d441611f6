import Dispatch
import GatedDeltaRule
import Generator
import Machine
import Synchronization

/// A run over many drawn cases.
///
/// Case i is drawn from hash(seed, i) alone, and cases are taken into account in the order of their indices, so
/// neither the number of threads nor the sharding changes what is found, only when.
package struct Campaign: Sendable {
  /// What to run.
  package struct Plan: Sendable {
    /// The implementations under test, controls included.
    package var implementations: [any Implementation]
    /// How those that are not built in are started, by their names.
    package var commands: [String: String] = [:]
    /// By what they are judged in place of what they declare, as it was given; nil for what they declare.
    package var law: String?
    /// The rule that whoever judges says they compute, as it was given; nil for what they declare.
    package var contract: String?
    /// From which every case is drawn.
    package var seed: UInt64
    /// Which cases are drawn.
    package var profile: Profile = .standard
    /// Cases of the whole run; nil to go on until the time is up.
    package var cases: Int?
    /// When to stop.
    package var duration: Duration?
    /// Threads.
    package var jobs = 1
    /// Takes the cases i with i mod `shards` == `shard`.
    package var shard = 0, shards = 1
    /// Whether to stop at the first finding.
    package var failsFast = false
    /// Findings of one signature that are shrunk; more are only counted.
    package var shrunkPerSignature = 3

    /// One thread, one shard, no end.
    package init(implementations: [any Implementation], seed: UInt64) {
      (self.implementations, self.seed) = (implementations, seed)
    }

    /// Cases of this shard; nil where their number is not what ends the run.
    package var quota: Int? { cases.map { max(0, ($0 - shard + shards - 1) / shards) } }

    /// Tokens of the longest chunk that an implementation which is not built in declares.
    package var longestChunkOfWorkers: Int? {
      implementations.compactMap { implementation in
        guard commands[implementation.name] != nil,
          case .chunked(let length) = implementation.declaration.form
        else { return nil }
        return length
      }.max()
    }
  }

  /// Cases whose drawing and rendering is timed apart.
  private static let timed = 256

  let plan: Plan
  /// Those of the plan, as they are asked.
  let implementations: [any Implementation]
  /// When nobody waits for an evaluation any more, however long it takes; nil to wait for each.
  let deadline: Deadline?
  private let clock = ContinuousClock()

  /// Nothing runs yet.
  package init(_ plan: Plan, until deadline: Deadline? = nil) {
    (self.plan, implementations, self.deadline) = (plan, plan.asked, deadline)
  }

  /// Runs to the end of the plan.
  ///
  /// - Parameters:
  ///   - ledger: what the run had come to when it was interrupted; it goes on from there.
  ///   - spent: the time it had taken until then.
  ///   - observe: called with every case, its index and the time it took, in the order of the indices.
  ///   - save: called with every finding as soon as it is reduced, before anything else is told of it; it may add to
  ///     the finding what is learnt of it.
  ///   - report: called after every case.
  ///   - isInterrupted: asked before every case, and between the steps of a reduction.
  package func run(
    resuming ledger: Ledger = Ledger(), after spent: Duration = .zero,
    observe: (Int, EvaluatedCase, Duration) throws -> Void = { _, _, _ in },
    save: (inout Found) throws -> Void, report: (Progress) throws -> Void,
    isInterrupted: @escaping @Sendable () -> Bool
  ) throws -> Summary {
    var summary = Summary(plan: Record.Plan(plan), ledger: ledger, elapsed: spent)
    let start = clock.now - spent
    var generation: [Double] = []
    let total = plan.quota ?? .max
    func isLate() -> Bool {
      plan.duration.map { clock.now - start >= $0 } ?? false || deadline?.hasPassed == true
    }
    while summary.cases < total, !isLate() {
      let first = summary.cases
      let evaluated = evaluate(first..<min(total, first + 16 * plan.jobs), since: start, isInterrupted)
      for (offset, (one, duration)) in evaluated.enumerated() {
        try observe(index(first + offset), one, duration)
        if (first + offset) % 16 == 0, Campaign.isTimed(duration), generation.count < Campaign.timed {
          generation.append(clock.measure { _ = try? draw(first + offset).recipe.render() } / duration)
        }
        // Nothing is reduced where nothing fails, and what is kept is copied before it changes.
        let before = one.results.contains { $0.failure != nil } ? summary.ledger : nil
        try consider(one, index: index(first + offset), &summary.ledger, save: save) {
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
    // An interruption passes the deadline too, between two rounds or before the first.
    if summary.cases < total, isInterrupted() { summary.wasInterrupted = true }
    return summary
  }

  /// The n-th case of this shard.
  private func draw(_ n: Int) -> Drawn {
    Recipe.drawn(seed: plan.seed, index: UInt64(index(n)), profile: plan.profile)
  }

  /// The index of the n-th case of this shard.
  private func index(_ n: Int) -> Int { n * plan.shards + plan.shard }

  /// Whether drawing and rendering a case that took so long is timed: what takes longer is none of the many.
  private static func isTimed(_ duration: Duration) -> Bool { duration > .zero && duration < .seconds(1) }

  /// A range of cases and the time of each, up to the first that the time did not suffice for.
  private func evaluate(
    _ range: Range<Int>, since start: ContinuousClock.Instant, _ isInterrupted: @escaping @Sendable () -> Bool
  ) -> [(EvaluatedCase, Duration)] {
    let evaluated = Evaluated(from: range.lowerBound)
    _ = outcome(by: deadline) {
      DispatchQueue.concurrentPerform(iterations: plan.jobs) { _ in
        while true {
          let n = evaluated.next.add(1, ordering: .relaxed).oldValue
          guard n < range.upperBound, !isInterrupted(), deadline?.hasPassed != true else { return }
          let begin = clock.now
          if let duration = plan.duration, begin - start >= duration { return }
          let drawn = draw(n)
          // What the generator draws is legal by construction; were it not, that would be a fault of this program.
          guard let one = try? EvaluatedCase(drawn, by: implementations) else {
            preconditionFailure("drew \(drawn.recipe)")
          }
          if one.wasInterrupted { return }
          let end = clock.now
          evaluated.results.withLock { $0[n] = (one, end - begin) }
        }
      }
    }
    let done = evaluated.results.withLock { $0 }
    return range.prefix { done[$0] != nil }.compactMap { done[$0] }
  }
}

/// Cases that threads evaluate side by side, and that they go on with where nobody waits for them any more.
private final class Evaluated: Sendable {
  let next: Atomic<Int>
  let results = Mutex<[Int: (EvaluatedCase, Duration)]>([:])

  init(from first: Int) { next = Atomic(first) }
}
