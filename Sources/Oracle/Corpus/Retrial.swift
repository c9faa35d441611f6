import GatedDeltaRule

/// What became of a saved case when it was heard again.
public struct Retrial: Sendable, Hashable, Codable {
  /// How it ended.
  public enum Outcome: String, Sendable, Hashable, Codable {
    /// As recorded.
    case same
    /// Otherwise than recorded.
    case changed
    /// The implementation is not here.
    case unheard
    /// The file is none, or its recipe is no longer the case that was saved.
    case unreadable
  }

  /// The shelf and the name of the file.
  public let file: String
  /// Whom it is about; empty if the file says nothing.
  public let implementation: String
  /// The case; empty if the file says nothing.
  public let recipe: String
  /// How it ended.
  public let outcome: Outcome
  /// A line: what changed, or why it was not heard.
  public let detail: String

  /// Hears every case of these shelves again, the unreadable told apart.
  public static func of(
    _ corpus: Corpus, _ shelves: [Corpus.Shelf] = [.regression, .known], by subjects: [any Implementation]
  ) -> [Retrial] {
    let (entries, problems) = corpus.load(shelves)
    let heard = entries.map { entry in
      Retrial(entry, by: subjects.first { $0.name == entry.finding.implementation })
    }
    let unreadable = problems.map { problem in
      Retrial(
        file: name(problem.path), implementation: "", recipe: "", outcome: .unreadable,
        detail: "\(problem.reason)")
    }
    return (heard + unreadable).sorted { $0.file < $1.file }
  }

  private init(_ entry: Corpus.Entry, by implementation: (any Implementation)?) {
    let finding = entry.finding
    let (outcome, detail): (Outcome, String)
    if let implementation {
      switch Replay.hear(finding, implementation) {
      case .same: (outcome, detail) = (.same, "")
      case .changed(let judgement, let change):
        (outcome, detail) = (.changed, "\(change); \(finding.implementation) \(Report.sentence(judgement))")
      case .notTheCase(let reason): (outcome, detail) = (.unreadable, reason)
      }
    } else {
      (outcome, detail) = (.unheard, "\(finding.implementation) is neither built in nor brought along")
    }
    self.init(
      file: Retrial.name(entry.path), implementation: finding.implementation, recipe: finding.recipe,
      outcome: outcome, detail: detail)
  }

  private init(file: String, implementation: String, recipe: String, outcome: Outcome, detail: String) {
    (self.file, self.implementation, self.recipe) = (file, implementation, recipe)
    (self.outcome, self.detail) = (outcome, detail)
  }

  /// The same without what it says for people.
  var withoutWords: Retrial {
    Retrial(file: file, implementation: implementation, recipe: recipe, outcome: outcome, detail: "")
  }

  /// The shelf and the file, without the folder that a corpus happens to lie in.
  private static func name(_ path: String) -> String {
    path.split(separator: "/").suffix(2).joined(separator: "/")
  }

  /// What several shards saw: a change that one of them saw is a change.
  static func union(_ all: [[Retrial]]) -> [Retrial] {
    let severity: [Outcome: Int] = [.same: 0, .unheard: 1, .unreadable: 2, .changed: 3]
    let groups = Dictionary(grouping: all.joined(), by: \.file)
    return groups.keys.sorted().compactMap { file in
      groups[file]?.max {
        let (left, right) = (severity[$0.outcome] ?? 0, severity[$1.outcome] ?? 0)
        return left == right ? $0.detail < $1.detail : left < right
      }
    }
  }
}
