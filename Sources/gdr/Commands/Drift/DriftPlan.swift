import Foundation
import GatedDeltaRule
import Machine
import Oracle
import Synchronization

/// The line on a terminal.
private struct Progress {
  let line = ProgressLine()
  let count: Int
  var done = 0

  init(of count: Int) { self.count = count }

  func show(_ name: String, _ tokens: Int) {
    line.show("\(done) of \(count) sequences, \(name) at \(grouped(tokens)) tokens")
  }
}

/// Which sequences are run, by whom and for how long.
struct DriftPlan {
  private struct Job: Sendable {
    let implementation: any Implementation
    let setting: DriftSetting
    let call: Int
  }

  private let jobs: [Job]
  private let tokens: Int
  private let threads: Int
  private let duration: Duration
  private let inputs: Precision
  private let contract: Contract?
  private let D: Int
  private let seed: UInt64

  init(
    implementations: [any Implementation], settings: [DriftSetting], tokens: Int, calls: [Int],
    _ arguments: Arguments
  ) throws(UsageError) {
    jobs = settings.flatMap { setting in
      implementations.flatMap { one in calls.map { Job(implementation: one, setting: setting, call: $0) } }
    }
    self.tokens = tokens
    threads =
      try arguments.integer("jobs", in: Arguments.threads) ?? ProcessInfo.processInfo.activeProcessorCount
    duration = (try arguments.duration("for") ?? .seconds(60)) * implementations.count
    inputs = try Arguments.format(arguments.value("inputs") ?? "f32", of: "inputs")
    contract = try arguments.contract()
    D = try arguments.integer("D", in: 1...256) ?? 32
    seed = try arguments.seed() ?? 1
  }

  /// Every one, in the order of the settings. Long calls come first: what they leave of their time is for short ones.
  func run() throws -> [DriftResult] {
    let order = jobs.indices.sorted { (-jobs[$0].call, $0) < (-jobs[$1].call, $1) }
    let shares = DriftShares(of: duration, over: jobs.count, jobs: threads)
    let progress = Mutex(Progress(of: jobs.count))
    defer { progress.withLock { $0.line.clear() } }
    let results = try inParallel(order, jobs: min(threads, jobs.count)) { place in
      let job = jobs[place]
      let end = shares.next()
      let contract = contract ?? job.implementation.declaration.contract ?? .plain
      let sequence = try job.setting.sequence(inputs: inputs, contract: contract, D: D, seed: seed)
      var run = DriftRun(job.implementation, sequence, tokens: tokens, call: job.call)
      let course = try run.course { tokens in
        if tokens % 256 == 0 {
          progress.withLock { $0.show(job.implementation.name, tokens) }
        }
        return Interruption.isRequested || .now >= end
      }
      if Interruption.isRequested { throw Interrupted() }
      progress.withLock { $0.done += 1 }
      return DriftResult(
        implementation: job.implementation.name, decay: job.setting.name, recipe: sequence.recipe.text,
        course: course)
    }
    return zip(order, results).sorted { $0.0 < $1.0 }.map(\.1)
  }
}
