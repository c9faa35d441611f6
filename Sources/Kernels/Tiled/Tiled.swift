//  What MLX core's Metal kernels compute for `mx.fast.gated_delta_update` (0.32.4): UT/WY over chunks as large as the tile
//  that the processor multiplies, C = 8 (simdgroup matrices) or 16 (neural accelerators). Rows i, j are tokens of a chunk,
//  M = S^T [Dk, Dv] the state before it:
//
//    G_i = sum_(s<=i) log max(g_s, 1e-6)            Gamma_ij = exp(G_i - G_j)  (j <= i)
//    A_ij = -beta_i <k_i, k_j>  (j < i)             P_ij = <q_i, k_j> Gamma_ij  (j <= i)
//    N = (I - A)^-1, of the keys alone: with decay in it, it would be N o Gamma
//      C = 8    N = I + A;  twice  A := A A,  N := N + N A
//      C = 16   N = I + A;  15 times  N := I + A N
//    U = (N o Gamma) beta V - e^G (N beta K) M
//    Y = e^G Q M + P U                              M' = e^(G_C) M + (e^(G_C - G) K)^T U
//
//  A call of 8 tokens or fewer is the recurrence as written, with no floor. Gradients are those of the recurrence at every
//  length, replayed from kept states: they know of no floor, so that below it they are gradients of another function than
//  the one whose values stand beside them, and dg is not zero there.
//
//  Where the library does otherwise, on purpose: masked tokens are identity tokens here, while it sends masks elsewhere; a
//  NaN stays NaN, while its floor turns one in g into 1e-6. On neural accelerators its sources also hold gradients in
//  chunks, which are left out.

import GatedDeltaRule

/// Chunks as large as a tile of the matrix unit.
struct Tiled: Kernel {
  /// Which unit, by the rows of its tile.
  enum Tile: Int, Hashable, Sendable {
    case simdgroup = 8
    case accelerator = 16
  }

  /// The floor under the decay of a call that is chunked.
  static let floor = 1e-6
  /// Tokens of the longest call that is not.
  static let longestOfTokens = 8

  let name: String
  let summary: String
  let gates: GateRule
  let tile: Tile

  init(name: String, summary: String, _ tile: Tile, gates: GateRule = GateRule()) {
    (self.name, self.summary, self.tile, self.gates) = (name, summary, tile, gates)
  }

  /// That of a long call.
  var declaration: Declaration { declared(isChunked: true, inputs: .fp32) }

  func declaration(for problem: Problem) -> Declaration {
    declared(
      isChunked: problem.shape.T > Tiled.longestOfTokens, inputs: problem.primals.q.precision)
  }

  /// Of a chunked call the wider form is declared: its gradients are made token by token. What belongs to a call of T
  /// tokens does not promise the bits of another length.
  private func declared(isChunked: Bool, inputs: Precision) -> Declaration {
    var declaration = Declaration(kin: "recurrence", contract: nil)
    declaration.promises = [.repetition, .batch]
    if gates.roundsToInputs {
      (declaration.betaPrecision, declaration.decayPrecision) = (inputs, inputs)
    }
    guard isChunked else { return declaration }
    declaration.form = .chunked(length: tile.rawValue)
    declaration.clamp = .forwardDecay(floor: Tiled.floor)
    var arrangement = Arrangement()
    (arrangement.wy, arrangement.exponents, arrangement.system) = (.split, .gram, .solution)
    arrangement.inverse = tile == .simdgroup ? .powers : .rows
    declaration.arrangement = arrangement
    return declaration
  }

  func keptStates(_ shape: Shape) -> Int { CheckpointVJP.keptStates(shape, chunk: CheckpointVJP.chunk) + 4 }

  func refusal(of problem: Problem) -> String? {
    if problem.shape.decayKind == .perChannel { return "takes scalar decay only" }
    // What makes the gates lies outside of the kernel, and with it how their gradients are rounded.
    return gates.roundsToInputs && problem.level == .model ? "takes g and beta, in the format of q" : nil
  }

  func run<R: Real>(
    _ problem: CoreProblem<R>, groups: Range<Int>, into results: CoreResults<R>, arena: Arena
  ) {
    let recurrence = CheckpointSweep(problem, results: results, arena: arena)
    guard problem.shape.T > Tiled.longestOfTokens else {
      for head in problem.heads(of: groups) { recurrence.run(head) }
      return
    }
    let sweep = TiledSweep(tile, problem, results, arena)
    for head in problem.heads(of: groups) {
      // First of all: where states are updated in place the recurrence ends where this begins.
      sweep.loadState(head)
      if results.gradients != nil { recurrence.run(head) }
      sweep.run(head)
    }
  }
}
