import GatedDeltaRule
import Generator
import Machine

/// A saved case evaluated again, and what became of it.
package struct Replay: Sendable, Hashable, Codable {
  /// How it ended.
  package enum Outcome: String, Sendable, Hashable, Codable {
    /// As recorded.
    case same
    /// Another verdict, kind, result or figure than recorded: good news or bad, but news.
    case changed
    /// The implementation is not here.
    case notEvaluated = "unheard"
    /// The file is none, or its recipe cannot be rendered, or renders to other tensors than it did: not the case that was
    /// saved.
    case unreadable
  }

  /// The shelf and the name of the file.
  package let file: String
  /// Which implementation it is about; empty if the file says nothing.
  package let implementation: String
  /// The case; empty if the file says nothing.
  package let recipe: String
  /// How it ended.
  package let outcome: Outcome
  /// A line: what changed and what the implementation came to, or why it was not evaluated.
  package let detail: String

  /// Evaluates the implementation that a finding is about; nil for one that is not here.
  ///
  /// - Parameter file: the finding's, as it is reported.
  /// - Returns: what became of it, and how the answer is graded, where there is one.
  package static func evaluate(
    _ finding: Finding, file: String, by implementation: (any Implementation)?
  ) -> (replay: Replay, grade: Grade?) {
    let (outcome, detail, grade): (Outcome, String, Grade?) =
      if let implementation {
        Replay.outcome(of: finding, by: implementation)
      } else {
        (.notEvaluated, "\(finding.implementation) is neither built in nor named by --against", nil)
      }
    let replay = Replay(
      file: file, implementation: finding.implementation, recipe: finding.recipe, outcome: outcome,
      detail: detail)
    return (replay, grade)
  }

  /// A case that the time did not suffice for.
  fileprivate static func unanswered(_ finding: Finding, file: String) -> Replay {
    Replay(
      file: file, implementation: finding.implementation, recipe: finding.recipe, outcome: .notEvaluated,
      detail: Interrupted().description)
  }

  /// A case that cannot be judged as it was.
  package init(_ finding: Finding, file: String, unreadable reason: String) {
    self.init(
      file: file, implementation: finding.implementation, recipe: finding.recipe, outcome: .unreadable,
      detail: reason)
  }

  /// A file that holds no finding.
  init(_ problem: Corpus.Problem, file: String) {
    self.init(
      file: file, implementation: "", recipe: "", outcome: .unreadable,
      detail: "\(problem.reason)")
  }

  private init(file: String, implementation: String, recipe: String, outcome: Outcome, detail: String) {
    (self.file, self.implementation, self.recipe) = (file, implementation, recipe)
    (self.outcome, self.detail) = (outcome, detail)
  }

  private static func outcome(
    of finding: Finding, by implementation: any Implementation
  ) -> (Outcome, detail: String, Grade?) {
    let (recipe, check): (Recipe, CrossCheck)
    do {
      recipe = try Recipe(finding.recipe)
      check = try CrossCheck(recipe)
    } catch {
      return (.unreadable, "\(error)", nil)
    }
    let digest = check.problem.digest
    guard digest == finding.digest else {
      return (.unreadable, "renders to \(digest), recorded \(finding.digest)", nil)
    }
    let trial = finding.evidence.flatMap { try? FamilyTrial(recipe, implementation, limit: $0.cases) }
    let result =
      trial?.result
      ?? check.judge(implementation, properties: finding.kind.map { .showing(kind: $0) } ?? .none)
    if case .refused(let reason) = result.judgement.verdict,
      result.judgement.wasInterrupted || result.judgement.lacksMemory
    {
      return (.notEvaluated, reason, nil)
    }
    let sentence = "\(implementation.name) \(Report.sentence(result))"
    guard let change = finding.change(in: result) else { return (.same, sentence, result.grade) }
    return (.changed, "\(change); \(sentence)", result.grade)
  }

  /// The same without what it says for people.
  var withoutWords: Replay {
    Replay(file: file, implementation: implementation, recipe: recipe, outcome: outcome, detail: "")
  }

  /// What several shards saw: a change that one of them saw is a change.
  static func union(_ all: [[Replay]]) -> [Replay] {
    let severity: [Outcome: Int] = [.same: 0, .notEvaluated: 1, .unreadable: 2, .changed: 3]
    let groups = Dictionary(grouping: all.joined(), by: \.file)
    return groups.keys.sorted().compactMap { file in
      groups[file]?.max {
        let (left, right) = (severity[$0.outcome] ?? 0, severity[$1.outcome] ?? 0)
        return left == right ? $0.detail < $1.detail : left < right
      }
    }
  }
}

extension Corpus {
  /// A file without the folder that the corpus happens to lie in.
  private func name(of file: String) -> String { String(file.dropFirst(path.count + 1)) }

  /// Every case of these shelves again, the unreadable too, in the order of the files.
  ///
  /// - Parameters:
  ///   - deadline: what is not answered then is not evaluated; nil to wait for each.
  ///   - implementation: the one that a case is about, by the law that it was found under; nil for one that is not here.
  package func replay(
    _ shelves: [Shelf] = [.regression, .known], until deadline: Deadline? = nil,
    by implementation: (Finding) throws -> (any Implementation)?
  ) -> [Replay] {
    let (entries, problems) = load(shelves)
    let replays = entries.map { entry in
      let (finding, file) = (entry.finding, name(of: entry.path))
      let one: (any Implementation)?
      do {
        one = try implementation(finding)
      } catch {
        return Replay(finding, file: file, unreadable: "\(error)")
      }
      let replay =
        deadline?.hasPassed == true
        ? nil
        : outcome(by: deadline) { Replay.evaluate(finding, file: file, by: one).replay }
      return replay ?? .unanswered(finding, file: file)
    }
    return (replays + problems.map { Replay($0, file: name(of: $0.path)) }).sorted { $0.file < $1.file }
  }
}

extension Finding {
  /// A figure counts as recorded within this relative difference: the reference uses the C library's functions, which
  /// differ between machines in their last bit.
  private static let figureTolerance = 1e-3

  /// In what a result is not as recorded, in a clause; nil if it is.
  fileprivate func change(in result: CaseResult) -> String? {
    guard result.grade == expectation else {
      if case .refused(let reason) = result.judgement.verdict { return "is refused now: \(reason)" }
      if let kind, Property.named(kind) != nil, result.failure == nil { return "satisfies \(kind) now" }
      return "recorded as \(expectation.rawValue), now \(result.grade.rawValue)"
    }
    guard expectation != .agrees else { return nil }
    if let kind, kind != result.kind { return "was \(kind), now \(result.kind ?? "nothing")" }
    guard let ratio else { return nil }
    let found = result.judgement.ratio ?? .infinity
    guard (found - ratio).magnitude <= Finding.figureTolerance * ratio.magnitude else {
      return "error over bound was \(Report.number(ratio)), now \(Report.number(found))"
    }
    return nil
  }
}
