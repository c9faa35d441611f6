import Foundation
import GatedDeltaRule

extension Declaration.Clamp {
  /// Whether a live token of the problem decays past the floor.
  func isLive(on problem: Problem) -> Bool {
    let floor: Double
    switch self {
    case .none: return false
    case .decay(let g): floor = log(g)
    case .logDecay(let logDecay): floor = logDecay
    }
    let logs = problem.logDecays
    let width = problem.mask.map { $0.live.isEmpty ? 1 : logs.count / $0.live.count } ?? 1
    return logs.indices.contains { index in
      if let mask = problem.mask, !mask.live[index / width] { return false }
      return logs[index] <= floor
    }
  }
}

extension Problem {
  /// log g in the shape of the gate: lambda = -exp(A_log) softplus(a + dt_bias) at the model level.
  fileprivate var logDecays: [Double] {
    switch primals.gates {
    case .core(let g, _): return g.values.map { log($0) }
    case .model(let a, _, let A_log, let dt_bias):
      return a.values.indices.map { index in
        let x = a.values[index] + dt_bias.values[index % dt_bias.values.count]
        let head = index / shape.decayWidth % shape.Hv
        return -exp(A_log.values[head]) * (max(x, 0) + log1p(exp(-x.magnitude)))
      }
    }
  }
}
