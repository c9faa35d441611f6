import GatedDeltaRule

extension Property {
  /// Masked tokens do not exist: a batch row without them has the same answer at those that are left, the same
  /// final state and the same gradient of the initial one. Up to: nothing for a sequential form that promises
  /// inertness; the bounds otherwise, since the chunks move.
  static let deletion = Property(
    "deletion", .cheap,
    unless: { $0.mask?.live.contains(false) ?? false ? nil : "no token is masked" }
  ) { runs, tally in
    let exactly = runs.exactness.isSuperset(of: [.inertness, .batching]) && runs.isSequential
    let mask = runs.problem.mask!
    let rows = (0..<mask.B).filter { b in (0..<mask.T).contains { !mask[b, $0] } }
    let b = runs.draw.element(of: rows)
    let live = (0..<mask.T).filter { mask[b, $0] }
    var shorter = Draft(runs.problem)
    shorter.select(.B, [b])
    shorter.select(.T, live)
    shorter.mask = nil
    let expected = try runs.base(bounded: !exactly).selecting(.B, [b]).selecting(.T, live)
    let found = try runs.run(shorter, bounded: !exactly)
    let comparable = Quantity.allCases.filter { mask.B == 1 || !$0.isSumOverTokens }
    tally.compare(found, with: expected, comparable, exactly: exactly, in: try runs.legal(shorter))
  }

  /// Masked junk after the last token changes nothing. Up to: nothing if inertness is promised, for chunked forms
  /// as well, since no chunk moves.
  static let rightPadding = Property("right-padding", .cheap) { runs, tally in
    let T = runs.problem.shape.T
    let count = runs.draw.element(of: [1, 2, 3, 5])
    try pad(runs, &tally, tokens: T..<T + count, exactly: runs.exactness.contains(.inertness))
  }

  /// Masked junk before the first token changes nothing. Up to: nothing for a sequential form that promises
  /// inertness.
  static let leftPadding = Property("left-padding", .cheap) { runs, tally in
    let count = runs.draw.element(of: [1, 2, 3, 5])
    let exactly = runs.exactness.contains(.inertness) && runs.isSequential
    try pad(runs, &tally, tokens: 0..<count, exactly: exactly)
  }

  private static func pad(
    _ runs: PropertyRuns, _ tally: inout PropertyTally, tokens: Range<Int>, exactly: Bool
  ) throws {
    var padded = Draft(runs.problem)
    let kept = padded.insert(tokens)
    padded.hide(tokens)
    let junk = runs.draw.element(of: [1e3, 1e30, .infinity, .nan])
    for input in [Input.q, .k, .v, .g, .beta, .a, .b, .dy] {
      guard let precision = padded[input]?.precision else { continue }
      let content = precision.round(junk)
      for t in tokens { padded.fill(input, t: t) { content } }
    }
    let base = try runs.base(bounded: !exactly)
    let found = try runs.run(padded, bounded: !exactly).selecting(.T, kept)
    tally.compare(found, with: base, Quantity.allCases, exactly: exactly, in: runs.problem)
  }

  /// A token with beta = 0, g = 1 and dy = 0 is the identity, whatever its q, k, v: the others answer as without it.
  /// Up to: nothing for a sequential form that promises inertness.
  static let identityToken = Property(
    "identity-token", .cheap, unless: { Draft($0).obstacleToKeeping }
  ) { runs, tally in
    let exactly = runs.exactness.contains(.inertness) && runs.isSequential
    let t = runs.draw.integer(below: runs.problem.shape.T + 1)
    var longer = Draft(runs.problem)
    let kept = longer.insert(t..<t + 1)
    for input in [Input.q, .k, .v] { longer.fill(input, t: t) { runs.draw.eighth() } }
    longer.setWrite(false, t: t)
    longer.setKeep(t: t)
    let base = try runs.base(bounded: !exactly)
    let found = try runs.run(longer, bounded: !exactly).selecting(.T, kept)
    tally.compare(found, with: base, Quantity.allCases, exactly: exactly, in: runs.problem)
  }

  /// Two calls are one: the first T' tokens, then the others from the state that came out, and the cotangent of that
  /// state handed back to the first. Sums over tokens add up. Up to: nothing for all but these sums if splitting is
  /// promised and the form is sequential or T' a multiple of the chunk. Bounds count the whole twice: the error of
  /// the state that is handed over grows as it does inside.
  static let splitting = Property(
    "splitting", .dear, unless: { $0.shape.T < 2 ? "fewer than two tokens" : nil }
  ) { runs, tally in
    try runs.requireOneRule()
    let T = runs.problem.shape.T
    var cut = 1 + runs.draw.integer(below: T - 1)
    if case .chunked(let length) = runs.declaration.form, T > length, runs.draw.sign() > 0 {
      cut = length * (1 + runs.draw.integer(below: (T - 1) / length))
    }
    let exactly = runs.exactness.contains(.splitting) && runs.keepsChunks(shiftedBy: cut)
    try requireFullStates(in: runs.problem.contract.state)
    var first = Draft(runs.problem)
    first.select(.T, Array(0..<cut))
    first[.dstateOut] = nil
    let state = try runs.run(first, bounded: false, gradients: false)[.stateOut]
    var second = Draft(runs.problem)
    second.select(.T, Array(cut..<T))
    second[.stateIn] = try carried(state, .stateOut, &tally)
    guard second[.stateIn] != nil else { return }
    let after = try runs.run(second, bounded: !exactly)
    if let dstate = after[.dstateIn] {
      first[.dstateOut] = try carried(dstate, .dstateIn, &tally)
      guard first[.dstateOut] != nil else { return }
    }
    let joined = try runs.run(first, bounded: !exactly).followed(by: after)
    let whole = try runs.base(bounded: !exactly)
    let comparable = Quantity.allCases.filter { !exactly || !$0.isSumOverTokens }
    tally.compare(
      joined, with: whole.loosened(by: 2), comparable, exactly: exactly, in: runs.problem)
  }

  /// A result that becomes an input; nil, and a violation, if it is not a number.
  private static func carried(_ tensor: Tensor?, _ quantity: Quantity, _ tally: inout PropertyTally) throws
    -> Tensor?
  {
    guard let tensor else { throw Inapplicable("\(quantity.rawValue) is not answered") }
    try requireFullStates(in: tensor.precision)
    guard let bad = tensor.values.firstIndex(where: { !$0.isFinite }) else { return tensor }
    tally.expectFinite(
      "\(quantity.rawValue) at the cut", at: coordinates(of: bad, in: tensor.shape), tensor.values[bad])
    return nil
  }

  /// Two calls round the state at the cut where the rule, or the answer, keeps it in 16 bits.
  private static func requireFullStates(in precision: Precision) throws {
    guard precision.unitRoundoff <= Precision.fp32.unitRoundoff else {
      throw Inapplicable("the state is rounded to \(precision.rawValue) between calls")
    }
  }
}

extension PropertyRuns {
  /// Whether chunks begin at the same tokens when so many are taken away in front.
  func keepsChunks(shiftedBy count: Int) -> Bool {
    switch declaration.form {
    case .sequential: true
    case .chunked(let length): count % length == 0
    }
  }
}

extension Draft {
  /// Makes room for new tokens, zero and live; returns where the old ones are now.
  mutating func insert(_ tokens: Range<Int>) -> [Int] {
    let T = self[.T]
    let before = tokens.lowerBound
    let places = Array(0..<before) + Array(before..<T).map { $0 + tokens.count }
    var sources = [Int?](repeating: nil, count: T + tokens.count)
    for (source, target) in places.enumerated() { sources[target] = source }
    select(.T, sources)
    return places
  }
}
