//  Forward with the history of four state rows at a time, then one reverse sweep over it; no atomics.
//
//    for each four rows of the state:  S_0 .. S_T of these rows, kept by segments (all but the last one only at
//    their boundaries, and made again);  then  t = T .. 1:
//      dS += dy q;  dd = <dS, k>;  dq += S_t dy;  dk += dS delta - g S_(t-1) beta dd;  dS -= beta dd k
//      dg += <dS, S_(t-1)>;  dS *= g
//
//  A row's sums over the key channels are a dot product in the order `Order` says; sums over rows are
//  ((row0 + row1) + row2) + row3 inside a group of four, and then over groups (mlx-lm pull request 1217, the
//  Metal kernel: 32 lanes by 4 rows a threadgroup).

import GatedDeltaRule

/// One reverse sweep over saved history.
struct FusedBackward: Kernel {
  /// The order of summation over the key channels.
  enum Order: Hashable {
    /// Eight interleaved lanes; takes every shape.
    case interleaved
    /// The Metal kernel's: 32 lanes of consecutive channels, then a butterfly; refuses what that kernel refuses.
    case metal
  }

  /// Tokens of a segment: their keys and queries, and the history of four rows of 192 channels, stay in a core's own
  /// cache while one four rows after the other pass over them, so that the cost of a token does not grow with T.
  static let segment = 256

  let name: String
  let summary: String
  let gates: GateRule
  let order: Order

  init(name: String = "fused", summary: String, gates: GateRule = GateRule(), order: Order = .interleaved) {
    (self.name, self.summary, self.gates, self.order) = (name, summary, gates, order)
  }

  var declaration: Declaration {
    Declaration(clamp: gates.clamp, promisesBits: true, kin: "fused", contract: nil)
  }

  /// The history of four rows is less than the states that it stands for.
  func keptStates(_ shape: Shape) -> Int {
    shape.T / FusedBackward.segment + 3 + 4 * min(FusedBackward.segment, shape.T) / shape.Dv
  }

  func refusal(of problem: Problem) -> String? {
    guard order == .metal else { return nil }
    if problem.shape.Dk % 32 != 0 { return "needs Dk % 32 == 0" }
    if problem.shape.Dv % 4 != 0 { return "needs Dv % 4 == 0" }
    if problem.mask != nil { return "takes no mask" }
    return nil
  }

  func run<R: Real>(
    _ problem: CoreProblem<R>, groups: Range<Int>, into results: CoreResults<R>, arena: Arena
  ) {
    switch order {
    case .interleaved: FusedSweep<R, Interleaved>(problem, results, arena).run(groups)
    case .metal: FusedSweep<R, ConsecutiveLanes>(problem, results, arena).run(groups)
    }
  }
}
