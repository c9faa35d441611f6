// prefill:65.3,decode:3,verify:4.2:2.0@1.0.x,undo:1,fork@0,decode:1@2
//
// Entries lie between commas, numbers for each row between dots; after @ stand the rows in the order of the call, x for
// one of padding. `padded` before the first entry puts the rows of every call into a batch.

/// Why a text is no list of calls.
public struct InvalidCalls: Error, Hashable, Sendable, CustomStringConvertible {
  /// The entry that is wrong, as it was written.
  public let entry: String
  /// What is wrong with it.
  public let reason: String

  /// One line for a person.
  public var description: String { "\(entry): \(reason)" }
}

extension Calls.Entry: CustomStringConvertible {
  /// As it is read.
  public var description: String {
    var text = kind.rawValue
    for numbers in [counts, accepted] where !numbers.isEmpty {
      text += ":" + numbers.map(String.init).joined(separator: ".")
    }
    if !rows.isEmpty { text += "@" + rows.map { $0.map(String.init) ?? "x" }.joined(separator: ".") }
    return text
  }

  /// Reads one entry.
  ///
  /// - Throws: `InvalidCalls` for an unknown word, numbers that it does not take, or none that it needs.
  public init(_ text: Substring) throws(InvalidCalls) {
    func fail(_ reason: String) -> InvalidCalls { InvalidCalls(entry: String(text), reason: reason) }
    let halves = text.split(separator: "@", omittingEmptySubsequences: false)
    let parts = halves[0].split(separator: ":", omittingEmptySubsequences: false)
    guard halves.count <= 2, let kind = Calls.Kind(rawValue: String(parts[0])) else {
      throw fail("not one of \(Calls.Kind.allCases.map(\.form).joined(separator: ", "))")
    }
    guard parts.count == kind.form.split(separator: ":").count else { throw fail("expected \(kind.form)") }
    let numbers = parts.dropFirst().map { Self.numbers($0) }
    guard !numbers.contains(nil) else { throw fail("numbers lie between dots, from 0 to \(Calls.limit)") }
    self.init(kind, (numbers.first ?? []) ?? [], accepted: (numbers.dropFirst().first ?? []) ?? [])
    guard halves.count == 2 else { return }
    guard kind != .undo else {
      throw fail("takes back what the entry before took in, and has no rows of its own")
    }
    for name in halves[1].split(separator: ".", omittingEmptySubsequences: false) {
      let row: Int? = Decimal.integer(name)
      guard name == "x" || row != nil else { throw fail("rows are numbers or x, between dots") }
      rows.append(row)
    }
  }

  private static func numbers(_ text: Substring) -> [Int]? {
    let numbers = text.split(separator: ".", omittingEmptySubsequences: false).map {
      Decimal.integer($0) as Int?
    }
    return numbers.allSatisfy { $0.map { $0 <= Calls.limit } ?? false } ? numbers.compactMap(\.self) : nil
  }
}

extension Calls.Kind {
  /// As a person is shown it.
  fileprivate var form: String {
    switch self {
    case .prefill: "prefill:TOKENS"
    case .decode: "decode:CALLS"
    case .verify: "verify:DRAFTS:ACCEPTED"
    case .undo: "undo:TOKENS"
    case .fork: "fork"
    }
  }
}

extension Calls {
  /// The largest number of an entry.
  static let limit = 65536

  /// The entries, as they are read; the pool is written apart.
  public var text: String {
    ((isPadded ? ["padded"] : []) + entries.map(\.description)).joined(separator: ",")
  }

  /// Reads the entries.
  ///
  /// - Throws: `InvalidCalls` for the first that is none.
  public init(_ text: Substring) throws(InvalidCalls) {
    self.init([])
    var pieces = text.split(separator: ",", omittingEmptySubsequences: false)
    if pieces.first == "padded" {
      isPadded = true
      pieces.removeFirst()
    }
    for piece in pieces { entries.append(try Entry(piece)) }
  }
}

extension Calls.Pool: CustomStringConvertible {
  /// As it is read: `6`, `6:nan` or `6:inf`.
  public var description: String { filling == .numbers ? "\(slots)" : "\(slots):\(filling.rawValue)" }

  /// Reads `6`, `6:nan` or `6:inf`.
  public init?(_ text: Substring) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let slots: Int = Decimal.integer(parts[0]), (1...Calls.limit).contains(slots) else { return nil }
    self.init(slots: slots)
    guard parts.count == 2 else { return }
    guard parts[1] != "numbers", let filling = Filling(rawValue: String(parts[1])) else { return nil }
    self.filling = filling
  }
}
