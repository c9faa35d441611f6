import GatedDeltaRule

/// The evidence of a run against one implementation, for what no single case shows.
package struct RunEvidence: Sendable, Hashable, Codable {
  /// The evidence in one result.
  package struct OfResult: Sendable, Hashable, Codable {
    /// How large the errors were.
    package private(set) var spread = SpreadSums()
    /// Where they pointed to, by the keys of the directions.
    package private(set) var directions: [String: DirectionSums] = [:]

    fileprivate mutating func add(_ one: ResultEvidence, at index: Int) {
      spread.add(SpreadSums(one.spread))
      for score in one.scores { add(DirectionSums(score, bias: one.bias, index: index), score.ordinal) }
    }

    private mutating func add(_ sums: DirectionSums, _ ordinal: Int) {
      let key = Direction.all[ordinal].key
      if directions[key]?.add(sums) == nil { directions[key] = sums }
    }

    fileprivate mutating func add(_ other: OfResult) {
      spread.add(other.spread)
      for (key, sums) in other.directions {
        if directions[key]?.add(sums) == nil { directions[key] = sums }
      }
    }
  }

  /// Cases that were compared with twins.
  package private(set) var cases = 0
  /// Cases that would have taken more work than a case is given.
  package private(set) var tooLarge = 0
  /// Cases that the twins say nothing of.
  package private(set) var silent = 0
  /// By the wire names of the results.
  package private(set) var results: [String: OfResult] = [:]

  /// Nothing yet.
  package init() {}

  /// Adds a case.
  package mutating func add(_ evidence: CaseEvidence, at index: Int) {
    switch evidence {
    case .tooLarge: tooLarge += 1
    case .silent: silent += 1
    case .found(let found):
      cases += 1
      for one in found { add(one, at: index) }
    }
  }

  private mutating func add(_ one: ResultEvidence, at index: Int) {
    results[one.quantity.rawValue, default: OfResult()].add(one, at: index)
  }

  /// Adds what another shard came to.
  package mutating func add(_ other: RunEvidence) {
    cases += other.cases
    tooLarge += other.tooLarge
    silent += other.silent
    for (name, theirs) in other.results { results[name, default: OfResult()].add(theirs) }
  }

  /// Whether it can be what so many cases come to.
  func isSound(of all: Int) -> Bool {
    [cases, tooLarge, silent].allSatisfy { $0.isCount(of: all) } && cases + tooLarge + silent <= all
      && results.allSatisfy { name, result in
        Quantity(rawValue: name) != nil && result.spread.isSound(of: cases)
          && result.directions.allSatisfy { Direction(key: $0) != nil && $1.isSound(of: cases) }
      }
  }
}
