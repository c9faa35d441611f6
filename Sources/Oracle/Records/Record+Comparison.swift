extension Record.Total {
  /// In what two runs differ, in a clause; nil if they evaluated the same cases and came to the same verdicts and
  /// numbers.
  ///
  /// What is written for people is not compared: sentences, explanations, why a case is kept, the reasons of refusals; nor
  /// is the command that starts a worker.
  /// Another wording does not make another run.
  package func difference(from other: Record.Total) -> String? {
    if let difference = plan.difference(from: other.plan) { return difference }
    let (one, two) = (ledger.withoutWords, other.ledger.withoutWords)
    if one.cases != two.cases { return "\(one.cases) cases in one and \(two.cases) in the other" }
    if one.coverage != two.coverage { return "other cases were drawn" }
    if let name = zip(one.tallies, two.tallies).first(where: { $0 != $1 })?.0.implementation {
      return "\(name) came to other verdicts or ratios"
    }
    if one.failures != two.failures { return "the failures are others" }
    if one.reduced != two.reduced { return "the reduced cases are others" }
    if one != two { return "the answers that are alike are others" }
    return corpus.map(\.withoutWords) == other.corpus.map(\.withoutWords)
      ? nil : "the saved cases ended otherwise"
  }
}

extension Campaign.Ledger {
  /// What was evaluated, without the words for people.
  fileprivate var withoutWords: Campaign.Ledger {
    var ledger = self
    ledger.tallies = tallies.map(\.withoutWords)
    ledger.reduced = reduced.map(\.withoutWords)
    return ledger
  }
}

extension Campaign.Found {
  fileprivate var withoutWords: Campaign.Found {
    var found = self
    (found.finding.why, found.sentence, found.explanation) = ("", "", [])
    (found.finding.command, found.against) = (nil, nil)
    return found
  }
}
