import Foreign
import GatedDeltaRule
import Generator
import Machine
import Oracle

/// Times of the implementations that pass, interleaved: every round runs each once, on values that none has seen, and
/// its answers are checked.
struct Stopwatch {
  let rounds: Int
  let threads: Int
  /// Told which implementation runs.
  let report: (String) -> Void

  /// Why one is not timed, or no more.
  typealias Excluded = (name: String, reason: String, isWrong: Bool)

  /// Those that agree with the reference on a few tokens; the reason for the others.
  func qualify(
    _ one: BenchCase, _ implementations: [any Implementation]
  ) throws -> (timed: [any Implementation], excluded: [Excluded]) {
    let check = try CrossCheck(Recipe(one.qualification))
    let recipe = try Recipe(one.recipe)
    let shape = try Shape(
      B: recipe.B, T: recipe.T, Hk: recipe.Hk, Hv: recipe.Hv, Dk: recipe.Dk, Dv: recipe.Dv)
    var timed: [any Implementation] = []
    var excluded: [Excluded] = []
    for implementation in implementations {
      if let reason = MemoryNeed(evaluating: implementation, on: shape, threads: threads).refusal {
        excluded.append((implementation.name, reason, false))
        continue
      }
      let missing = implementation.declaration.gradientsMissing(in: check.problem)
      guard !one.gradients || missing.isEmpty else {
        // What leaves them out is no faster than what has them.
        let reason = "it has no \(missing.joined(separator: ", ")); --pass forward times it"
        excluded.append((implementation.name, reason, false))
        continue
      }
      report("\(implementation.name) is judged")
      var result = check.judge(implementation)
      if result.grade == .refused {
        result = try CrossCheck(Recipe(one.qualificationOfGroups)).judge(implementation)
      }
      switch result.grade {
      case .agrees, .degraded: timed.append(implementation)
      case .disagrees, .refused, .failed:
        excluded.append((implementation.name, Report.sentence(result), result.grade != .refused))
      }
    }
    return (timed, excluded)
  }

  /// Seconds for the reference and the bound of the sequential form, in one sweep.
  func measureReference(_ one: BenchCase) throws -> Double {
    let check = try CrossCheck(Recipe(one.recipe), threads: threads)
    report("the reference, T = \(one.T)")
    return ContinuousClock().measure { _ = check.bound(for: Declaration()) } / .seconds(1)
  }

  /// Those whose answers were right in every round, and why the others are left out.
  func measure(
    _ one: BenchCase, _ implementations: [any Implementation]
  ) throws -> (results: [BenchResult], excluded: [Excluded]) {
    var results = implementations.map { BenchResult(implementation: $0.name) }
    var wrong: [Int: String] = [:]
    let echo = try implementations.contains { !$0.sharesMemory } ? Stopwatch.echo() : nil
    for round in 0..<rounds {
      let problem = try Recipe(one.recipe(seed: .random(in: 0...UInt64.max))).render()
      // Whoever is timed cannot know which part of its answer is looked at.
      let group = HeadGroup(Int.random(in: 0..<one.layer.Hk), of: problem)
      for (i, implementation) in implementations.enumerated() where wrong[i] == nil {
        report("round \(round + 1) of \(rounds), \(implementation.name), T = \(one.T)")
        let evaluation = try time(implementation, on: problem, one, into: &results[i], echo)
        report("round \(round + 1) of \(rounds), \(implementation.name) is checked")
        let declaration = implementation.declaration(for: problem, answering: evaluation)
        let judgement = try group.judgement(of: evaluation, by: declaration, threads: threads)
        if [.disagrees, .failed].contains(judgement.verdict.grade) {
          wrong[i] = "its timed answer of round \(round + 1) \(Report.sentence(judgement))"
        }
      }
      compare(&results, without: Set(wrong.keys))
    }
    let excluded = wrong.sorted { $0.key < $1.key }.map {
      (implementations[$0.key].name, $0.value, true)
    }
    return (results.indices.filter { wrong[$0] == nil }.map { results[$0] }, excluded)
  }

  /// This program at the other end of a pipe; nil where nobody knows how to start it.
  private static func echo() throws -> Echo? {
    try Executable.pathForShell.map { try Echo(command: "\($0.shellWord) echo") }
  }

  private func time(
    _ implementation: any Implementation, on problem: Problem, _ one: BenchCase,
    into result: inout BenchResult,
    _ echo: Echo?
  ) throws -> Evaluation {
    let request = Request(gradients: one.gradients, threads: threads)
    let start = ContinuousClock.now
    let evaluation = try implementation.evaluate(problem, request: request)
    let elapsed = (.now - start) / Duration.seconds(1)
    if let clocked = evaluation.clocked {
      let (question, reply) = (bytes(problem.tensors.map(\.tensor)), bytes(evaluation.results.values))
      let pipe = try echo?.seconds(sending: question, receiving: reply) ?? 0
      result.bytes = question + reply
      result.echo = (result.echo ?? []) + [pipe]
      // Whoever is timed may hold up the echo as well: no more is taken off than a pipe can take.
      result.seconds.append(max(clocked - min(pipe, Stopwatch.slowest(bytes: question + reply)), 0))
    } else {
      result.seconds.append(elapsed)
    }
    if let claim = evaluation.seconds { result.claims = (result.claims ?? []) + [claim] }
    result.peakBytes = evaluation.peakBytes
    result.operations = Operations.count(
      implementation.name, shape: problem.shape, gradients: one.gradients)
    return evaluation
  }

  /// What frames of so many bytes take through a pipe at most, in seconds: several times what they take on an idle machine.
  static func slowest(bytes: Int) -> Double { 0.002 + Double(bytes) / 4e8 }

  private func bytes(_ tensors: some Sequence<Tensor>) -> Int {
    tensors.reduce(0) { $0 + $1.values.count * $1.precision.byteCount }
  }

  /// Of one round.
  private func compare(_ results: inout [BenchResult], without wrong: Set<Int>) {
    let timed = results.indices.filter { !wrong.contains($0) }
    let fastest = timed.compactMap { results[$0].seconds.last }.min() ?? 0
    for i in timed { results[i].ratios.append((results[i].seconds.last ?? .nan) / fastest) }
  }
}

extension Declaration {
  /// The gradients of a problem that are declared missing, by their names.
  func gradientsMissing(in problem: Problem) -> [String] {
    problem.quantities.filter { withoutGradients.contains($0) }.map(\.rawValue)
  }
}
