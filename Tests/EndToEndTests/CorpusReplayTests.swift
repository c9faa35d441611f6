import Generator
import Implementations
import Machine
import Oracle
import Support
import Testing

/// A saved case, shown by its recipe.
struct SavedCase: CustomTestStringConvertible, Sendable {
  let entry: Corpus.Entry
  var testDescription: String { entry.finding.implementation + " " + entry.finding.recipe }

  static let corpus = Corpus(path: Repository.path + "/Corpus")
  static let all = corpus.load([.regression, .known]).entries.map(SavedCase.init)

  /// The others are replayed where the library is that they are about.
  static let builtIn = all.filter { Registry.named($0.entry.finding.implementation) != nil }
}

@Suite struct CorpusReplayTests {
  @Test func `every file of the corpus can be read`() {
    #expect(SavedCase.corpus.load([.regression, .known]).problems == [])
    let files = [Corpus.Shelf.regression, .known].flatMap { Folder.files(in: SavedCase.corpus.folder($0)) }
    #expect(SavedCase.all.map(\.entry.path).sorted() == files.sorted())
    #expect(!SavedCase.builtIn.isEmpty)
  }

  @Test(arguments: SavedCase.all)
  func `a saved case lies where it belongs and renders to the tensors it had`(saved: SavedCase) throws {
    let finding = saved.entry.finding
    #expect((finding.expectation == .agrees) == (saved.entry.shelf == .regression))
    #expect(saved.entry.path.hasSuffix("/" + finding.fileName))
    #expect(try Recipe(finding.recipe).render().digest == finding.digest)
  }

  /// Regressions pass, known failures fail exactly as recorded: one that starts passing is an alarm too.
  @Test(arguments: SavedCase.builtIn)
  func `a saved case ends as recorded`(saved: SavedCase) throws {
    let finding = saved.entry.finding
    let implementation = try #require(Registry.named(finding.implementation))
    let replay = Replay.evaluate(finding, file: saved.entry.path, by: implementation).replay
    #expect(replay.outcome == .same, "\(replay.detail)")
  }

  @Test func `a case that is not replayed here is of a worker for a library`() {
    let others = Set(SavedCase.all.map(\.entry.finding.implementation)).filter { Registry.named($0) == nil }
    for name in others {
      #expect(
        ["fla", "flashinfer", "hf", "mlx"].contains { name == $0 || name.hasPrefix($0 + "-") }, "\(name)")
    }
  }
}
