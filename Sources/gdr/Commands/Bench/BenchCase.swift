import GatedDeltaRule
import Generator
import Oracle

/// One thing that is timed: a problem, and whether gradients are asked for.
struct BenchCase: Hashable, Sendable {
  /// Heads and widths of a model's layer.
  struct Layer: Hashable, Sendable {
    let Hk, Hv, Dk, Dv: Int

    /// `16/64/192/128`: Hk, Hv, Dk, Dv.
    init?(text: String) {
      let sizes = text.split(separator: "/").compactMap { Int($0) }
      guard sizes.count == 4, sizes.allSatisfy({ $0 > 0 }), sizes[1] % sizes[0] == 0 else { return nil }
      (Hk, Hv, Dk, Dv) = (sizes[0], sizes[1], sizes[2], sizes[3])
    }

    /// The same as text.
    var text: String { "\(Hk)/\(Hv)/\(Dk)/\(Dv)" }
  }

  let layer: Layer
  let T: Int
  /// The format of the inputs.
  let precision: String
  let gradients: Bool

  /// Ordinary content: unit keys, slow decay, a state and both cotangents.
  var recipe: String { recipe(T: T, Hk: layer.Hk, Hv: layer.Hv) }

  /// Some tokens of one group, past the edges of chunks and segments, on which it is decided which implementations are timed.
  var qualification: String { recipe(T: min(T, 600), Hk: 1, Hv: layer.Hv / layer.Hk) }

  private func recipe(T: Int, Hk: Int, Hv: Int) -> String {
    "v1/B1-T\(T)-Hk\(Hk)-Hv\(Hv)-Dk\(layer.Dk)-Dv\(layer.Dv)/keys=random/decay=random:-0.2:0/write=logits:-2:2"
      + "/state=random/dstate=random/\(precision)/seed=1"
  }

  /// For the head of a table.
  var title: String { "B=1 T=\(T) \(family)" }

  /// What cases of different lengths have in common.
  var family: String {
    "Hk/Hv/Dk/Dv=\(layer.text) \(precision) inputs, \(gradients ? "forward and backward" : "forward")"
  }
}

/// What one implementation needed.
struct BenchResult: Sendable, Codable {
  let implementation: String
  /// In the order of the rounds.
  let seconds: [Double]
  /// State history, checkpoints and scratch at the peak, where it counts them.
  let peakBytes: Int?
  /// Operations of one evaluation, where they are known.
  let operations: Double?

  /// The median of the rounds.
  var median: Double { seconds.sorted()[seconds.count / 2] }
}

/// Times of the implementations that pass, interleaved: every round runs each once.
struct Stopwatch {
  let rounds: Int
  let threads: Int
  /// Told which implementation runs.
  let report: (String) -> Void

  /// Those that agree with the reference on a few tokens; the reason for the others.
  func qualify(
    _ one: BenchCase, _ implementations: [any Implementation]
  ) throws -> (timed: [any Implementation], excluded: [(name: String, reason: String)]) {
    let check = try CrossCheck(Recipe(one.qualification))
    let recipe = try Recipe(one.recipe)
    let shape = try Shape(
      B: recipe.B, T: recipe.T, Hk: recipe.Hk, Hv: recipe.Hv, Dk: recipe.Dk, Dv: recipe.Dv)
    var timed: [any Implementation] = []
    var excluded: [(name: String, reason: String)] = []
    for implementation in implementations {
      if let reason = MemoryNeed(evaluating: implementation, on: shape, threads: threads).refusal {
        excluded.append((implementation.name, reason))
        continue
      }
      report("\(implementation.name) is judged")
      let result = check.judge(implementation)
      switch result.grade {
      case .agrees, .degraded: timed.append(implementation)
      case .disagrees, .refused, .failed: excluded.append((implementation.name, Report.sentence(result)))
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

  func measure(_ one: BenchCase, _ implementations: [any Implementation]) throws -> [BenchResult] {
    let problem = try Recipe(one.recipe).render()
    let request = Request(gradients: one.gradients, recipe: one.recipe, threads: threads)
    let clock = ContinuousClock()
    var times = [[Double]](repeating: [], count: implementations.count)
    var bytes = [Int?](repeating: nil, count: implementations.count)
    for round in 0..<rounds {
      for (i, implementation) in implementations.enumerated() {
        report("round \(round + 1) of \(rounds), \(implementation.name), T = \(one.T)")
        let start = clock.now
        let evaluation = try implementation.evaluate(problem, request: request)
        times[i].append(evaluation.seconds ?? (clock.now - start) / .seconds(1))
        bytes[i] = evaluation.peakBytes
      }
    }
    return implementations.indices.map { i in
      BenchResult(
        implementation: implementations[i].name, seconds: times[i], peakBytes: bytes[i],
        operations: Operations.count(implementations[i].name, shape: problem.shape, gradients: one.gradients))
    }
  }
}
