/// The calls of an engine that a list of entries comes to, on a problem of these sizes.
public struct Schedule: Hashable, Sendable {
  /// A token of the problem.
  public struct Token: Hashable, Sendable {
    /// Its batch row and its place there.
    public let b, t: Int
  }

  /// A row of a call.
  public struct Row: Hashable, Sendable {
    /// Its number; nil for one of padding.
    public let number: Int?
    /// Where its state lies; nil for -1.
    public let slot: Int?
    /// What it takes in, drafts that will not be accepted included; for what is kept, what the call before took in.
    public let tokens: [Token]
    /// How many of these count from then on.
    public let kept: Int
    /// Whether nothing went before: whatever its slot holds is not its state.
    public let isFresh: Bool
    /// The slot that a fork copies.
    public var source: Int?
  }

  /// One call.
  public struct Call: Hashable, Sendable {
    /// The entry it belongs to, from 1.
    public let entry: Int
    /// What is asked.
    public let kind: Step.Kind
    /// In their order.
    public var rows: [Row]
    /// Whether states behind every token will be needed.
    public var wantsHistory: Bool
  }

  /// In their order.
  public private(set) var calls: [Call] = []
  private let plan: Calls
  private let B: Int, T: Int
  private var rows: [Progress] = []
  private var last: [Row] = []

  /// Where a row stands.
  private struct Progress: Hashable {
    let b: Int
    /// Whether it reads the tokens from the end.
    var isMirrored = false
    var position = 0
    var isFresh: Bool
  }

  /// The most calls of a session, the most tokens of all of them, and the most behind which a call remembers the states:
  /// lists come from anybody.
  public static let limit = (calls: 512, tokens: 1 << 20, remembered: 1024)
  private var tokens = 0

  /// - Throws: `InvalidCalls` for an entry that these sizes have no room for.
  public init(_ calls: Calls, B: Int, T: Int, hasState: Bool) throws(InvalidCalls) {
    (plan, self.B, self.T) = (calls, B, T)
    rows = (0..<B).map { Progress(b: $0, isFresh: !hasState) }
    guard B + calls.forks <= calls.slots(B: B) else {
      throw InvalidCalls(entry: "pool=\(calls.pool!)", reason: "\(B + calls.forks) rows need a slot each")
    }
    for (index, entry) in calls.entries.enumerated() {
      do throws(Fault) {
        try add(entry, number: index + 1)
      } catch {
        throw InvalidCalls(entry: "\(entry)", reason: error.reason)
      }
    }
  }

  /// All that a row of the problem took in and kept as one row.
  public func whole(_ number: Int, slot: Int, isFresh: Bool) -> Row {
    let tokens = (0..<rows[number].position).map { Token(b: number, t: $0) }
    return Row(number: number, slot: slot, tokens: tokens, kept: tokens.count, isFresh: isFresh)
  }

  private struct Fault: Error { let reason: String }

  private mutating func add(_ entry: Calls.Entry, number: Int) throws(Fault) {
    let chosen = try chosen(by: entry)
    switch entry.kind {
    case .prefill:
      try add(.advance, entry: number, chosen, counts: try numbers(entry.counts, chosen))
    case .decode:
      guard entry.counts.count == 1 else { throw Fault(reason: "one number of calls for all rows") }
      guard entry.counts[0] > 0 else { throw Fault(reason: "no call") }
      for _ in 0..<entry.counts[0] {
        try add(.advance, entry: number, chosen, counts: [Int](repeating: 1, count: chosen.count))
      }
    case .verify:
      let (drafts, accepted) = (try numbers(entry.counts, chosen), try numbers(entry.accepted, chosen))
      guard zip(drafts, accepted).allSatisfy(>=) else {
        throw Fault(reason: "accepts more than there are drafts")
      }
      try add(.verify, entry: number, chosen, counts: drafts, accepted: accepted)
      keep(entry: number)
    case .undo: try undo(entry, number: number)
    case .fork: try fork(chosen, number: number)
    }
    guard calls.count <= Schedule.limit.calls else {
      throw Fault(reason: "more than \(Schedule.limit.calls) calls")
    }
  }

  private func chosen(by entry: Calls.Entry) throws(Fault) -> [Int?] {
    if entry.kind == .undo { return last.map(\.number) }
    guard !entry.rows.isEmpty else { return entry.kind == .fork ? [0] : (0..<B).map { $0 } }
    let named = entry.rows.compactMap(\.self)
    for row in named where row >= rows.count { throw Fault(reason: "there is no row \(row)") }
    guard Set(named).count == named.count else { throw Fault(reason: "names a row twice") }
    return entry.rows
  }

  private func numbers(_ numbers: [Int], _ chosen: [Int?]) throws(Fault) -> [Int] {
    if numbers.count == 1 { return [Int](repeating: numbers[0], count: chosen.count) }
    guard numbers.count == chosen.count else {
      throw Fault(reason: "\(numbers.count) numbers for \(chosen.count) rows")
    }
    return numbers
  }

  private mutating func add(
    _ kind: Step.Kind, entry: Int, _ chosen: [Int?], counts: [Int], accepted: [Int]? = nil
  ) throws(Fault) {
    tokens += counts.reduce(0, +)
    if kind == .verify { try remember(counts) }
    guard tokens <= Schedule.limit.tokens, calls.count < Schedule.limit.calls else {
      throw Fault(
        reason: "more than \(Schedule.limit.calls) calls, or \(Schedule.limit.tokens) tokens of all of them")
    }
    var added: [Row] = []
    for (place, number) in chosen.enumerated() {
      let kept = accepted?[place] ?? counts[place]
      if let number, rows[number].position + kept > T {
        throw Fault(reason: "row \(number) has \(T - rows[number].position) tokens left")
      }
      guard T > 0 || counts[place] == 0 else { throw Fault(reason: "there are no tokens") }
      added.append(row(number, count: counts[place], kept: kept))
    }
    calls.append(Call(entry: entry, kind: kind, rows: added, wantsHistory: kind == .verify))
    last = added
    guard kind == .advance else { return }
    for row in added { move(row, by: row.kept) }
  }

  private func remember(_ counts: [Int]) throws(Fault) {
    guard counts.reduce(0, +) <= Schedule.limit.remembered else {
      throw Fault(reason: "states behind more than \(Schedule.limit.remembered) tokens of a call")
    }
  }

  private func row(_ number: Int?, count: Int, kept: Int) -> Row {
    guard let number else {
      let tokens = (0..<count).map { Token(b: 0, t: $0 % T) }
      return Row(number: nil, slot: nil, tokens: tokens, kept: kept, isFresh: false)
    }
    let progress = rows[number]
    let tokens = (0..<count).map { i in
      let t = (progress.position + i) % T
      // A draft that is not accepted is another token than the one that comes.
      return Token(b: progress.b, t: progress.isMirrored == (i < kept) ? T - 1 - t : t)
    }
    return Row(
      number: number, slot: plan.slot(of: number, B: B), tokens: tokens, kept: kept, isFresh: progress.isFresh
    )
  }

  private mutating func move(_ row: Row, by count: Int) {
    guard let number = row.number else { return }
    rows[number].position += count
    rows[number].isFresh = false
  }

  /// Of the drafts of the last call those that are accepted.
  private mutating func keep(entry: Int) {
    calls.append(Call(entry: entry, kind: .keep, rows: last, wantsHistory: false))
    for row in last where row.kept > 0 { move(row, by: row.kept) }
  }

  private mutating func undo(_ entry: Calls.Entry, number: Int) throws(Fault) {
    guard let index = calls.indices.last(where: { calls[$0].kind == .advance || calls[$0].kind == .verify }),
      index >= calls.count - 2, calls[calls.count - 1].kind != .fork, !last.isEmpty
    else { throw Fault(reason: "nothing to take back") }
    let backs = try numbers(entry.counts, last.map(\.number))
    try remember(calls[index].rows.map(\.tokens.count))
    calls[index].wantsHistory = true
    last = zip(last, backs).map { row, back in
      let kept = max(0, row.kept - back)
      // Of a row that accepted nothing there is nothing to take back.
      if let number = row.number { rows[number].position -= row.kept - kept }
      return Row(
        number: row.number, slot: row.slot, tokens: row.tokens, kept: kept, isFresh: row.isFresh)
    }
    calls.append(Call(entry: number, kind: .keep, rows: last, wantsHistory: false))
    last = []
  }

  private mutating func fork(_ chosen: [Int?], number: Int) throws(Fault) {
    var added: [Row] = []
    for source in chosen {
      guard let source else { throw Fault(reason: "a row of padding has no state") }
      guard !rows[source].isFresh else { throw Fault(reason: "a row that has no state yet") }
      var copy = rows[source]
      copy.isMirrored.toggle()
      rows.append(copy)
      var row = Row(
        number: rows.count - 1, slot: plan.slot(of: rows.count - 1, B: B), tokens: [], kept: 0, isFresh: false
      )
      row.source = plan.slot(of: source, B: B)
      added.append(row)
    }
    calls.append(Call(entry: number, kind: .fork, rows: added, wantsHistory: false))
    last = []
  }
}
