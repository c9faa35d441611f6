//  The recurrence with states kept at chunk boundaries only; the reverse sweep runs each chunk again:
//
//    forward   S_0, S_64, S_128, ... kept            O(T / 64) states
//    reverse   for each chunk, last first: its 64 states again from the boundary, then the adjoint
//
//  The step is the sequential form's own, so the outputs are the same bits (mlx-lm pull request 1217).

import GatedDeltaRule

/// States kept at chunk boundaries, recomputed in the reverse sweep.
struct CheckpointVJP: Kernel {
  let name: String
  let summary: String
  let gates: GateRule
  let chunk: Int

  init(
    name: String = "checkpoint", summary: String, gates: GateRule = GateRule(),
    chunk: Int = CheckpointVJP.chunk
  ) {
    (self.name, self.summary, self.gates, self.chunk) = (name, summary, gates, chunk)
  }

  /// Tokens from one kept state to the next.
  static let chunk = 64

  var declaration: Declaration {
    Declaration(clamp: gates.clamp, promisesBits: true, kin: "recurrence", contract: nil)
  }

  func keptStates(_ shape: Shape) -> Int { CheckpointVJP.keptStates(shape, chunk: chunk) }

  /// The boundaries, and the states of one chunk.
  static func keptStates(_ shape: Shape, chunk: Int) -> Int { shape.T / chunk + min(chunk, shape.T) + 2 }

  func refusal(of problem: Problem) -> String? { nil }

  func run<R: Real>(
    _ problem: CoreProblem<R>, groups: Range<Int>, into results: CoreResults<R>, arena: Arena
  ) {
    let sweep = CheckpointSweep(problem, results: results, chunk: chunk, arena: arena)
    for head in problem.heads(of: groups) { sweep.run(head) }
  }
}

/// One head at a time, with the memory of all of them.
struct CheckpointSweep<R: Real> {
  private let sweep: Sweep<R>
  private let chunk: Int, chunks: Int, T: Int
  /// Vectors of a state.
  private let size: Int
  private let boundaries: MutableRow<R>  // [chunks], states
  private let history: MutableRow<R>  // [chunk + 1], states

  init(
    _ problem: CoreProblem<R>, results: CoreResults<R>, chunk: Int = CheckpointVJP.chunk, arena: Arena
  ) {
    sweep = Sweep(problem, results: results, arena: arena)
    (self.chunk, T, size) = (chunk, problem.shape.T, problem.stateLanes)
    chunks = max(1, (T + chunk - 1) / chunk)
    boundaries = arena.allocate(chunks * size)
    history = arena.allocate((min(chunk, T) + 1) * size)
  }

  /// Forward and, where gradients are asked for, back.
  func run(_ head: Head) {
    boundaries.update(from: sweep.initialState(head), count: size)
    for c in 0..<chunks - 1 {
      let state = boundaries + (c + 1) * size
      state.update(from: boundaries + c * size, count: size)
      for t in span(c) { sweep.advance(head, t, from: Row(state), to: state) }
    }
    // The last chunk's states still stand when the way back begins.
    replay(chunks - 1, head)
    sweep.finish(head, state: history + span(chunks - 1).count * size)
    guard sweep.results.gradients != nil else { return }
    for c in (0..<chunks).reversed() {
      if c < chunks - 1 { replay(c, head) }
      sweep.reverse(head, tokens: span(c), history: history)
    }
  }

  private func span(_ c: Int) -> Range<Int> { c * chunk..<min((c + 1) * chunk, T) }

  private func replay(_ c: Int, _ head: Head) {
    history.update(from: boundaries + c * size, count: size)
    sweep.forward(head, tokens: span(c), history: history)
  }
}
