import Generator

extension Campaign {
  /// What a run has come to so far, and all that it needs to go on: case i is made of the seed and i alone.
  ///
  /// It does not grow with the cases: findings are kept for a few cases of each signature, all else is counted.
  package struct Ledger: Sendable, Hashable, Codable {
    /// Cases taken into account: the first so many of the shard.
    package internal(set) var cases = 0
    /// One for each implementation.
    package internal(set) var tallies: [Tally] = []
    /// Failures by signature, whether reduced or only counted.
    package internal(set) var failures: [String: Int] = [:]
    /// What was drawn.
    package internal(set) var coverage = Coverage()
    /// How alike the answers of each two are that should differ.
    package internal(set) var resemblances: [Resemblance] = []
    /// Reduced failures in the order of their cases, those included that were reduced to the same finding.
    package internal(set) var reduced: [Found] = []

    /// Nothing evaluated yet.
    package init() {}

    /// The findings that count: controls apart, each once, and only what fresh processes reproduced where they were
    /// asked.
    package var findings: [Found] { distinct { !$0.isControl && $0.isReproduced } }

    /// What fresh processes did not show again.
    package var unreproduced: [Found] { distinct { !$0.isControl && !$0.isReproduced } }

    /// The first finding in each control.
    package var caught: [Found] {
      var names: Set<String> = []
      return reduced.filter { $0.isControl && names.insert($0.finding.implementation).inserted }
    }

    private func distinct(_ counts: (Found) -> Bool) -> [Found] {
      var names: Set<String> = []
      return reduced.filter { counts($0) && names.insert($0.finding.fileName).inserted }
    }
  }
}

extension Campaign.Ledger {
  /// What the ledgers of all the shards of a run come to: exactly the ledger of the run in one.
  ///
  /// Every shard reduces the first `limit` cases of a signature that it meets, so the first `limit` of the whole run
  /// are among them; the others are left out.
  ///
  /// - Parameters:
  ///   - names: of the implementations, in the order of the plan, in which the failures of one case stand.
  ///   - limit: reduced cases of one signature.
  static func sum(_ ledgers: [Campaign.Ledger], names: [String], limit: Int) -> Campaign.Ledger {
    var sum = Campaign.Ledger()
    for ledger in ledgers {
      sum.cases += ledger.cases
      sum.coverage.add(ledger.coverage)
      sum.failures.merge(ledger.failures, uniquingKeysWith: +)
      sum.addResemblances(of: ledger)
      if sum.tallies.isEmpty {
        sum.tallies = ledger.tallies
      } else {
        for (index, tally) in ledger.tallies.enumerated()
        where sum.tallies[index].implementation == tally.implementation {
          sum.tallies[index].add(tally)
        }
      }
    }
    let order = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    func place(_ found: Campaign.Found) -> (Int, Int) {
      (found.index, order[found.finding.implementation] ?? order.count)
    }
    var taken: [String: Int] = [:]
    var caught: Set<String> = []
    for found in ledgers.flatMap(\.reduced).sorted(by: { place($0) < place($1) }) {
      if found.isControl {
        guard caught.insert(found.finding.implementation).inserted else { continue }
      } else {
        taken[found.signature, default: 0] += 1
        guard taken[found.signature, default: 0] <= (found.shrunk.failure.isRepeatable ? limit : 1) else {
          continue
        }
      }
      sum.keep(found)
    }
    return sum
  }

  private mutating func addResemblances(of other: Campaign.Ledger) {
    guard !resemblances.isEmpty else { return resemblances = other.resemblances }
    for (index, more) in other.resemblances.enumerated()
    where index < resemblances.count && resemblances[index].one == more.one
      && resemblances[index].other == more.other
    {
      resemblances[index].add(more)
    }
  }

  /// Adds a reduced failure; what is known of the same finding is known of this one.
  mutating func keep(_ found: Campaign.Found) {
    var found = found
    if let known = twin(of: found) {
      (found.reproductions, found.explanation) = (known.reproductions, known.explanation)
      found.against = known.against
    }
    reduced.append(found)
  }

  /// Counts which implementations answered the same bits.
  mutating func compare(_ results: [CaseResult]) {
    let prints = results.reduce(into: [String: UInt64]()) { $0[$1.implementation] = $1.fingerprint }
    for index in resemblances.indices {
      guard let one = prints[resemblances[index].one], let other = prints[resemblances[index].other] else {
        continue
      }
      resemblances[index].add(one, other)
    }
  }

  /// An earlier case that was reduced to the same finding.
  func twin(of found: Campaign.Found) -> Campaign.Found? {
    reduced.first { $0.finding.fileName == found.finding.fileName }
  }

  /// Whether every number in it can be one of its cases, and the tallies are those of these implementations.
  func isSound(names: [String]) -> Bool {
    cases.isCount && failures.values.allSatisfy { $0.isCount(of: cases) }
      && tallies.allSatisfy { $0.isSound(of: cases) }
      && (tallies.isEmpty || tallies.map(\.implementation) == names)
      && coverage.cases.isCount(of: cases) && coverage.table.allSatisfy { $0.count.isCount(of: cases) }
      && resemblances.allSatisfy { $0.compared.isCount(of: cases) && $0.same.isCount(of: $0.compared) }
  }
}
