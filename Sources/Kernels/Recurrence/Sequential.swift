//  The recurrence as written, one token after the other, and its adjoint with the whole history kept:
//
//    S_t = step(S_(t-1), token_t)   t = 1 .. T,   S_0 .. S_T kept,   O(T Dv Dk) per head
//    dS_(t-1) = reverse(dS_t)       t = T .. 1
//
//  (autodiff of the loop `gated_delta_ops` of mlx-lm).

import GatedDeltaRule

/// The rule as written.
struct Sequential: Kernel {
  let name: String
  let summary: String
  let gates: GateRule

  init(name: String = "sequential", summary: String, gates: GateRule = GateRule()) {
    (self.name, self.summary, self.gates) = (name, summary, gates)
  }

  var declaration: Declaration {
    Declaration(clamp: gates.clamp, promisesBits: true, kin: "recurrence", contract: nil)
  }

  func keptStates(_ shape: Shape) -> Int { shape.T + 1 }

  func refusal(of problem: Problem) -> String? { nil }

  func run<R: Real>(
    _ problem: CoreProblem<R>, groups: Range<Int>, into results: CoreResults<R>, arena: Arena
  ) {
    let sweep = Sweep(problem, results: results, arena: arena)
    let steps = problem.shape.T
    let history: MutableRow<R> = arena.allocate((steps + 1) * problem.stateLanes)
    for head in problem.heads(of: groups) {
      history.update(from: sweep.initialState(head), count: problem.stateLanes)
      sweep.forward(head, tokens: 0..<steps, history: history)
      sweep.finish(head, state: history + steps * problem.stateLanes)
      sweep.reverse(head, tokens: 0..<steps, history: history)
    }
  }
}
