import GatedDeltaRule

/// The gates of one value head as halves: a decay of 1 or 1/2, a beta of 0, 1/2 or 1, given as such or by what leads to
/// them.
///
///     core    g, or where the rule gives the logarithm, log g = 0 or log 1/2 rounded to fp32
///     model   A_log = 0, a + dt_bias = 0: g = exp(-softplus(0)) = 1/2;   a + dt_bias <= -150: g = 1
///             b = 0: beta = 1/2;   b <= -150: 0;   b >= 40: 1
///
/// An exponential and a softplus may round, so that all but a g of 1 given as such is 1/2, 0 or 1 but for what fp32 loses
/// there; at 40 a sigmoid is 1 in fp32, at -150 it and softplus are 0.
struct HalfGates {
  private let gates: Gates
  private let head: Int, width: Int
  private let isLogarithm: Bool, reachesHalves: Bool

  init(_ problem: Problem, _ head: Int) {
    (gates, self.head, width) = (problem.primals.gates, head, problem.shape.decayWidth)
    isLogarithm = problem.givesLogDecay
    reachesHalves = problem.contract.reachesHalves
  }

  private static let logHalf = Precision.fp32.round(Elementary.log(0.5))

  /// Up to which a sigmoid and a softplus are 0 in fp32.
  private static let vanishing = -150.0

  /// How often a token halves a channel, 0 or 1; nil where it does neither. `row` counts tokens and heads, [B, T, Hv].
  func halving(_ row: Int, _ channel: Int) -> Int? {
    switch gates {
    case .core(let g, _):
      let value = g.values[row * width + channel]
      if value == (isLogarithm ? 0 : 1) { return 0 }
      return value == (isLogarithm ? HalfGates.logHalf : 0.5) ? 1 : nil
    case .model(let a, _, let A_log, let dt_bias):
      guard reachesHalves, A_log.values[head] == 0 else { return nil }
      let x = a.values[row * width + channel] + dt_bias.values[head * width + channel]
      return x == 0 ? 1 : x <= HalfGates.vanishing ? 0 : nil
    }
  }

  /// Twice beta: 0, 1 or 2; nil where it is none of them.
  func betaHalves(_ row: Int) -> Int? {
    switch gates {
    case .core(_, let beta):
      let halves = 2 * beta.values[row]
      return [0, 1, 2].contains(halves) ? Int(halves) : nil
    case .model(_, let b, _, _):
      guard reachesHalves else { return nil }
      let logit = b.values[row]
      return logit == 0 ? 1 : logit <= HalfGates.vanishing ? 0 : logit >= 40 ? 2 : nil
    }
  }
}
