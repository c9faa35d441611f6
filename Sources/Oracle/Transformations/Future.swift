import GatedDeltaRule
import Sweep

/// The tokens after one of them, and what they are changed to: other tokens, gates at their very ends, or none.
struct Future {
  /// The tokens that stay as they are: 0 ... t.
  let past: [Int]
  /// Those after t.
  let tokens: [Int]
  /// Which of them get another decay, and which.
  private let decaying: [Int]
  private let decay: Double?
  /// Whether they change places and signs.
  private let isTurned: Bool
  /// Whether they are masked.
  private let isHidden: Bool

  /// - Precondition: the problem has two tokens at least.
  init(of runs: PropertyRuns) {
    let T = runs.problem.shape.T
    var t = runs.draw.integer(below: T - 1)
    // The first token of a chunk knows of the past by way of the state alone, where little can go wrong.
    if case .chunked(let length) = runs.declaration.form, length > 1 {
      for _ in 0..<3 where (t + 1) % length == 0 { t = runs.draw.integer(below: T - 1) }
    }
    (past, tokens) = (Array(0...t), Array(t + 1..<T))
    decaying = runs.draw.integer(below: 4) == 0 ? [runs.draw.element(of: tokens)] : tokens
    let isLog = runs.problem.level == .core && runs.problem.contract.decay == .log
    decay = runs.draw.element(of: Future.decays(runs.problem.level)).map { isLog ? Double.log($0) : $0 }
    isTurned = runs.draw.sign() > 0
    isHidden = runs.draw.integer(below: 8) == 0
  }

  /// What g, or a, may become, from keeping everything to keeping nothing; nil leaves it.
  private static func decays(_ level: Level) -> [Double?] {
    switch level {
    case .core: [nil, 1, 0.5, 0x1p-30, 0x1p-60, 0x1p-100, 0]
    case .model: [nil, -1000, 1, 20, 40, 100, 1000]
    }
  }

  /// Puts it into a problem of the same tokens.
  func change(_ draft: inout Draft) {
    if isTurned {
      draft.select(.T, past + tokens.reversed())
      draft[.v] = draft[.v]?.multiplied(by: past.map { _ in 1 } + tokens.map { _ in -1 }, axis: 1)
    }
    if let decay { for t in decaying { draft.fill(draft.decayInput, t: t) { decay } } }
    if isHidden { draft.hide(tokens[0]..<tokens[0] + tokens.count) }
  }

  /// The problem without it.
  func cut(_ problem: Problem) -> Draft { selecting(past, of: problem) }

  /// The problem without what is before it.
  func rest(_ problem: Problem) -> Draft { selecting(tokens, of: problem) }

  private func selecting(_ tokens: [Int], of problem: Problem) -> Draft {
    var draft = Draft(problem)
    draft.select(.T, tokens)
    return draft
  }
}
