import GatedDeltaRule

// request: step, kind: verify, cu_seqlens: 0,3,3,5, slots: 4,0,-1, fresh: 0,1,0, snapshots: yes, padded: no
//
// with the tokens by their wire names, `pool`, and for what is kept `history`.

extension Frame {
  /// The states of all slots.
  static let pool = "pool"
  /// The states before the first token of each row and behind every token.
  static let history = "history"

  /// A step by its wire names, the pool included.
  package init(_ step: Step) {
    self.init()
    if let tokens = step.tokens { self = Frame(tokens) }
    put(step.contract)
    var states = Frame(entries: [Frame.pool: .numbers(step.pool)])
    if step.kind == .keep, let history = step.history {
      states.entries[Frame.history] = .numbers(history)
    }
    if step.wantsGradients {
      metadata["gradients"] = "yes"
      states.entries[Input.dstateOut.rawValue] = step.dstates.map(Entry.numbers)
    }
    entries.merge(states.turningStates(step.contract).entries) { $1 }
    metadata["request"] = "step"
    metadata["protocol"] = String(Frame.version)
    metadata["kind"] = step.kind.rawValue
    func list(_ numbers: [Int]) -> String { numbers.map(String.init).joined(separator: ",") }
    metadata["cu_seqlens"] = list(step.offsets)
    metadata["slots"] = list(step.rows.map { $0.slot ?? -1 })
    metadata["fresh"] = list(step.rows.map { $0.isFresh ? 1 : 0 })
    if step.kind == .keep { metadata["kept"] = list(step.rows.map(\.kept)) }
    if step.kind == .fork { metadata["sources"] = list(step.rows.map { $0.source ?? -1 }) }
    metadata["snapshots"] = step.wantsHistory ? "yes" : "no"
    metadata["padded"] = step.isPadded ? "yes" : "no"
  }
}

extension Step {
  /// Reads a step by its wire names.
  ///
  /// - Parameter kept: the pool of the session, [slots, Hv, Dv, Dk], for a frame that has none.
  package init(frame: Frame, kept: Tensor? = nil) throws(InvalidCase) {
    let kind: Kind = try frame.word("kind", of: Kind.allCases.map(\.rawValue), Kind.init(rawValue:))
    let contract = try frame.contract()
    var tokens = frame
    let states = frame.turningStates(contract)
    for name in [Frame.pool, Frame.history, Input.dstateOut.rawValue] { tokens.entries[name] = nil }
    guard let pool = try states.numbers(Frame.pool) ?? kept else {
      throw .absent(name: Frame.pool, step: kind)
    }
    guard pool.shape.count == 4 else {
      throw .rank(name: Frame.pool, shape: pool.shape, expected: "[slots, Hv, Dv, Dk]")
    }
    let takesTokens = kind == .advance || kind == .verify
    self.init(
      kind, rows: try frame.rows(kind, slots: pool.shape[0]),
      tokens: takesTokens ? try Problem(frame: tokens, domain: .any) : nil,
      isPadded: try frame.word("padded", of: ["yes", "no"]) { $0 == "yes" }, pool: pool,
      history: try states.numbers(Frame.history),
      wantsHistory: try frame.word("snapshots", of: ["yes", "no"]) { $0 == "yes" }, contract: contract)
    wantsGradients = frame.metadata["gradients"] == "yes"
    dstates = try states.numbers(Input.dstateOut.rawValue)
    try check()
  }

  /// That rows, tokens and states belong together.
  private func check() throws(InvalidCase) {
    func expect(_ name: String, _ found: [Int], _ expected: [Int]) throws(InvalidCase) {
      guard found == expected else {
        throw .problem(.shape(name: name, found: found, expected: expected))
      }
    }
    if let shape = tokens?.shape {
      try expect(Frame.pool, Array(pool.shape.dropFirst()), Array(shape.state.dropFirst()))
      let longest = rows.map(\.tokens).max() ?? 0
      try expect(
        Input.q.rawValue, shape.key,
        (isPadded ? [rows.count, longest] : [1, offsets.last!]) + shape.key.dropFirst(2))
    }
    if let dstates {
      try expect(Input.dstateOut.rawValue, dstates.shape, [rows.count] + pool.shape.dropFirst())
    }
    if kind == .keep {
      guard let history else { throw .absent(name: Frame.history, step: kind) }
      try expect(Frame.history, history.shape, historyShape)
    }
  }
}

extension Frame {
  fileprivate func word<Value>(
    _ key: String, of words: [String], _ value: (String) -> Value?
  ) throws(InvalidCase) -> Value {
    let text = metadata[key] ?? ""
    guard words.contains(text), let value = value(text) else {
      throw .metadata(key: key, value: text, expected: words.joined(separator: " or "))
    }
    return value
  }

  /// Numbers between commas.
  private func numbers(_ key: String, in range: ClosedRange<Int>) throws(InvalidCase) -> [Int] {
    let text = metadata[key] ?? ""
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.allSatisfy({ $0.map(range.contains) ?? false }) else {
      throw .metadata(
        key: key, value: text, expected: "numbers from \(range.lowerBound) to \(range.upperBound)")
    }
    return numbers.compactMap(\.self)
  }

  fileprivate func rows(_ kind: Step.Kind, slots count: Int) throws(InvalidCase) -> [Step.Row] {
    let slots = try numbers("slots", in: -1...count - 1)
    func each(_ key: String, in range: ClosedRange<Int>, _ extra: Int = 0) throws(InvalidCase) -> [Int] {
      let numbers = try numbers(key, in: range)
      guard numbers.count == slots.count + extra else {
        throw .metadata(
          key: key, value: metadata[key] ?? "", expected: "\(slots.count + extra) numbers")
      }
      return numbers
    }
    let offsets = try each("cu_seqlens", in: 0...1 << 30, 1)
    guard offsets[0] == 0, zip(offsets, offsets.dropFirst()).allSatisfy(<=) else {
      throw .metadata(
        key: "cu_seqlens", value: metadata["cu_seqlens"] ?? "", expected: "numbers that rise from 0")
    }
    let fresh = try each("fresh", in: 0...1)
    let kept = kind == .keep ? try each("kept", in: 0...1 << 30) : nil
    let sources = kind == .fork ? try each("sources", in: -1...count - 1) : nil
    let rows = slots.indices.map { index in
      Step.Row(
        slot: slots[index] < 0 ? nil : slots[index], tokens: offsets[index + 1] - offsets[index],
        kept: kept?[index] ?? 0, isFresh: fresh[index] == 1,
        source: sources.flatMap { $0[index] < 0 ? nil : $0[index] })
    }
    guard rows.allSatisfy({ $0.kept <= $0.tokens }) else {
      throw .metadata(
        key: "kept", value: metadata["kept"] ?? "", expected: "no more than there were tokens")
    }
    return rows
  }
}
