import Generator
import Implementations
import Oracle
import Support
import Testing

/// A saved case, shown by its recipe.
struct SavedCase: CustomTestStringConvertible, Sendable {
  let entry: Corpus.Entry
  var testDescription: String { entry.finding.implementation + " " + entry.finding.recipe }

  static let corpus = Corpus(path: Repository.path + "/Corpus")
  static let all = corpus.load([.regression, .known]).entries.map(SavedCase.init)
}

@Suite struct CorpusReplayTests {
  @Test func `every file of the corpus can be read`() {
    #expect(SavedCase.corpus.load([.regression, .known]).problems == [])
  }

  /// Regressions pass, known failures fail exactly as recorded: one that starts passing is an alarm too.
  @Test(arguments: SavedCase.all)
  func `a saved case ends as recorded`(saved: SavedCase) throws {
    let finding = saved.entry.finding
    #expect((finding.expectation == .agrees) == (saved.entry.shelf == .regression))
    #expect(saved.entry.path.hasSuffix(finding.fileName))
    // A case of a library that is not built in is replayed where the library is.
    guard let implementation = Registry.named(finding.implementation) else { return }
    switch Replay.hear(finding, implementation) {
    case .same: break
    case .changed(let judgement, let change): Issue.record("\(change): \(Report.sentence(judgement))")
    case .notTheCase(let reason): Issue.record("\(reason)")
    }
  }
}
