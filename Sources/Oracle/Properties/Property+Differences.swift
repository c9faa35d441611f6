import GatedDeltaRule
import Sweep

extension Property {
  /// The loss  <dy, y> + <dS_T, S_T>  is affine in each single entry of q, v, S_0, beta and g, and quadratic in each
  /// entry of k: a difference quotient over any step has no truncation error, and must be the gradient. One drawn
  /// entry of each, but for q and k where they are normalised.
  static let differences = Property(
    "differences", .dear, unless: { $0.firstLive == nil ? "no live token" : Draft($0).obstacleToKeeping }
  ) { runs, tally in
    try runs.requireOneRule()
    let base = try runs.base(bounded: true)
    let rows = (0..<runs.problem.shape.B * runs.problem.shape.T).filter {
      runs.problem.isLive($0 / runs.problem.shape.T, $0 % runs.problem.shape.T)
    }
    let vectors: [Input] = runs.problem.contract.queryKey == .given ? [.q, .k] : []
    let others = [Input.v, .stateIn, Draft(runs.problem).writeInput, Draft(runs.problem).decayInput]
    for input in vectors + others {
      let entry = Entry(input, token: runs.draw.element(of: rows), in: runs.problem, &runs.draw)
      guard base[entry.gradient] != nil else { continue }
      switch input {
      case .q, .v, .stateIn: try checkAffine(entry, base, runs, &tally)
      case .k: try checkQuadratic(entry, base, runs, &tally)
      default: try checkGate(entry, base, runs, &tally)
      }
    }
  }

  /// h dx = L(x + h) - L(x).
  private static func checkAffine(
    _ entry: Entry, _ base: Answer, _ runs: PropertyRuns, _ tally: inout PropertyTally
  ) throws {
    let x = entry.value(in: runs.problem)
    let target = x > 0 ? -1.0 : 1.0
    var difference = try runs.loss(entry, setTo: target)
    difference.add(entry.loss(base, runs.problem), times: -1)
    tally.expectGradient(entry, base, times: target - x, equals: difference)
  }

  /// dx = ((L_1 - L) h_2 / h_1 - (L_2 - L) h_1 / h_2) / (h_2 - h_1),  exact for a quadratic.
  private static func checkQuadratic(
    _ entry: Entry, _ base: Answer, _ runs: PropertyRuns, _ tally: inout PropertyTally
  ) throws {
    let x = entry.value(in: runs.problem)
    let targets = [0.5, -0.5, 0].filter { ($0 - x).magnitude > 0.2 }
    let (one, two) = (targets[0] - x, targets[1] - x)
    let middle = entry.loss(base, runs.problem)
    var difference = try runs.loss(entry, setTo: targets[0])
    difference.add(middle, times: -1)
    var other = try runs.loss(entry, setTo: targets[1])
    other.add(middle, times: -1)
    var sum = Sum()
    sum.add(difference, times: two / one)
    sum.add(other, times: -one / two)
    tally.expectGradient(entry, base, times: two - one, equals: sum)
  }

  /// (beta' - beta) dbeta = L(beta') - L(beta), and the same for g; at model level both sides are multiplied by the
  /// slope of the gate.
  private static func checkGate(
    _ entry: Entry, _ base: Answer, _ runs: PropertyRuns, _ tally: inout PropertyTally
  ) throws {
    let problem = runs.problem
    let clamp = runs.declaration.clamp
    let draft = Draft(problem)
    let isDecay = entry.input == draft.decayInput
    let table = runs.gates
    if isDecay && table.isNearFloor(entry.index, clamp) { return }
    func gate(_ table: GateTable) -> Double { isDecay ? table.g[entry.index] : table.beta[entry.index] }
    let x = gate(table)
    let ends =
      isDecay ? [draft.forgetting, draft.keeping] : [draft.writing(false), draft.writing(true)]
    let target = ends[x > 0.5 ? 0 : 1]
    let moved = try runs.legalCheck(entry.setting(target, in: problem)).gates(clamp: clamp)
    let step = gate(moved) - x
    guard step.magnitude > 0.1 else { return }
    var difference = try runs.loss(entry, setTo: target)
    difference.add(entry.loss(base, problem), times: -1)
    var slope = isDecay && problem.contract.decay == .log ? x : 1
    if problem.level == .model {
      slope = isDecay ? x * table.decaySlope[entry.index] : table.writeSlope[entry.index]
    }
    guard slope.isFinite else { return }
    var right = Sum()
    right.add(difference, times: slope)
    tally.expectGradient(entry, base, times: step, equals: right)
  }
}

/// One entry of an input, and the part of the loss that depends on it.
struct Entry {
  let input: Input
  let gradient: Quantity
  /// Where it is in its tensor.
  let index: Int
  private let b: Int
  private let tokens: Range<Int>
  private let heads: Range<Int>
  private let rows: Range<Int>
  private let reachesState: Bool

  /// A drawn entry at a token of [B, T]; of the state, one of the batch row of that token.
  init(_ input: Input, token: Int, in problem: Problem, _ draw: inout Draw) {
    let shape = problem.shape
    self.input = input
    b = token / shape.T
    let t = token % shape.T
    let isOfKeys = input == .q || input == .k
    let h = draw.integer(below: isOfKeys ? shape.Hk : shape.Hv)
    heads = isOfKeys ? h * shape.groupSize..<(h + 1) * shape.groupSize : h..<h + 1
    let column = draw.integer(below: isOfKeys || input == .stateIn ? shape.Dk : shape.decayWidth)
    let row = draw.integer(below: shape.Dv)
    rows = input == .v || input == .stateIn ? row..<row + 1 : 0..<shape.Dv
    tokens = input == .stateIn ? 0..<shape.T : input == .q ? t..<t + 1 : t..<shape.T
    reachesState = input != .q
    switch input {
    case .q, .k: index = (token * shape.Hk + h) * shape.Dk + column
    case .v: index = (token * shape.Hv + h) * shape.Dv + row
    case .stateIn: index = ((b * shape.Hv + h) * shape.Dv + row) * shape.Dk + column
    case .beta, .b: index = token * shape.Hv + h
    default: index = (token * shape.Hv + h) * shape.decayWidth + column
    }
    guard let gradient = input.gradient else { preconditionFailure("\(input) is a cotangent") }
    self.gradient = gradient
  }

  func value(in problem: Problem) -> Double { Draft(problem)[input]?.values[index] ?? 0 }

  /// The problem with another value in this place.
  func setting(_ value: Double, in problem: Problem) -> Draft {
    var draft = Draft(problem)
    if draft[input] == nil { draft[input] = draft.zeros(input) }
    draft[input]!.values[index] = value
    return draft
  }

  /// <dy, y> + <dS_T, S_T> over what depends on the entry.
  func loss(_ answer: Answer, _ problem: Problem) -> Sum {
    let shape = problem.shape
    var sum = Sum()
    let (y, state) = (answer.entries(.y), answer.entries(.stateOut))
    for h in heads {
      for i in rows {
        for t in tokens where problem.isLive(b, t) {
          let place = ((b * shape.T + t) * shape.Hv + h) * shape.Dv + i
          if let dy = problem.cotangents.y { sum.add(y[place], times: dy.values[place]) }
        }
        guard reachesState, let dstate = problem.cotangents.state else { continue }
        let row = ((b * shape.Hv + h) * shape.Dv + i) * shape.Dk
        for j in row..<row + shape.Dk { sum.add(state[j], times: dstate.values[j]) }
      }
    }
    return sum
  }
}

extension PropertyRuns {
  /// The loss with another value in the place of an entry.
  func loss(_ entry: Entry, setTo value: Double) throws -> Sum {
    let found = try run(entry.setting(value, in: problem), bounded: true, gradients: false)
    return entry.loss(found, problem)
  }
}

extension PropertyTally {
  /// step * gradient = difference.
  mutating func expectGradient(
    _ entry: Entry, _ base: Answer, times step: Double, equals difference: Sum
  ) {
    var left = Sum()
    left.add(base.entries(entry.gradient)[entry.index], times: step)
    let shape = base[entry.gradient]!.shape
    expect(entry.gradient.rawValue, at: coordinates(of: entry.index, in: shape), left, equals: difference)
  }
}
