import GatedDeltaRule

/// S~ = S g;  e = v - S~ k;  S = S~ + beta e k^T;  y = S q, one token after the other, forward only.
public struct Mine: Implementation {
  /// What a report calls it.
  public let name = "mine"
  /// What it is.
  public let summary = "one token after the other, forward only"
  /// Fp32, one token after the other.
  public let declaration = Declaration(offersDouble: false)
  private let decays: Bool

  /// A kernel that does not decay is wrong.
  public init(decays: Bool = true) { self.decays = decays }

  /// What it does not take: the model's gates and decay per channel.
  public func refusal(of problem: Problem) -> String? {
    if problem.level == .model { return "takes g and beta" }
    return problem.shape.decayKind == .scalar ? nil : "one decay per head"
  }

  /// y and the state after the last token.
  public func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
    guard case .core(let g, let beta) = problem.primals.gates else { throw Refusal("takes g and beta") }
    let (shape, x) = (problem.shape, problem.primals)
    var y = Tensor(shape: shape.value)
    var state = x.state ?? Tensor(shape: shape.state)
    for b in 0..<shape.B {
      for h in 0..<shape.Hv {
        for t in 0..<shape.T where problem.isLive(b, t) {
          let token = (b * shape.T + t) * shape.Hv + h
          let key = ((b * shape.T + t) * shape.Hk + h / shape.groupSize) * shape.Dk
          let decay = decays ? Float(g.values[token]) : 1
          for i in 0..<shape.Dv {
            let row = ((b * shape.Hv + h) * shape.Dv + i) * shape.Dk
            var e = Float(x.v.values[token * shape.Dv + i])
            for j in 0..<shape.Dk {
              state.values[row + j] = Double(Float(state.values[row + j]) * decay)
              e -= Float(state.values[row + j]) * Float(x.k.values[key + j])
            }
            var sum: Float = 0
            for j in 0..<shape.Dk {
              let write = Float(beta.values[token]) * e * Float(x.k.values[key + j])
              state.values[row + j] = Double(Float(state.values[row + j]) + write)
              sum += Float(state.values[row + j]) * Float(x.q.values[key + j])
            }
            y.values[token * shape.Dv + i] = Double(sum)
          }
        }
      }
    }
    return Evaluation(results: [.y: y, .stateOut: state])
  }
}
