import Foundation
import GatedDeltaRule
import Generator
import Machine

/// One saved case: a recipe, the implementation that it is about, and how that must be graded.
package struct Finding: Hashable, Sendable, Codable {
  /// What it was found in, where that makes it nothing new.
  package enum Role: String, Hashable, Sendable, Codable {
    /// In an implementation that is known to fail, as it must.
    case control
  }

  /// The version of this file format: 2 where there is a command, which 1 has no place for, 3 where there is a law, 4
  /// where it is shown by evidence.
  package var format = 1
  /// The case, one line of text.
  package var recipe: String
  /// Digest of the rendered tensors: a renderer that drifted is an error, never a different case.
  package var digest: String
  /// The name of the implementation it was found in.
  package var implementation: String
  /// How a replay must be graded; never `refused`.
  package var expectation: Grade
  /// The kind of failure, as a verdict names it; absent where the case must pass.
  package var kind: String?
  /// The result that disagreed most.
  package var quantity: String?
  /// Error over bound when it was found.
  package var ratio: Double?
  /// Absent where it was found in an implementation under test.
  package var role: Role?
  /// What a shell is given to start the worker that it was found in; absent where the implementation is built in. It
  /// is shown, never run: files come from strangers.
  package var command: String? {
    didSet { format = neededFormat }
  }
  /// What it was judged by where that is not what the implementation declares: a law, as `--as` takes it.
  package var law: String? {
    didSet { format = neededFormat }
  }
  /// How it is shown, where no single case does; absent where the case is judged by itself.
  package var evidence: Evidence? {
    didSet { format = neededFormat }
  }
  /// A sentence: what this case is here for.
  package var why: String

  /// Fresh cases of the same recipe with other seeds, judged together.
  package struct Evidence: Hashable, Sendable, Codable {
    /// How many at most.
    package var cases: Int

    /// So many as a file may ask for.
    static let mostCases = 1 << 16

    package init(cases: Int) { self.cases = cases }
  }

  /// A case as it was found, or as it must be.
  package init(
    recipe: String, digest: String, implementation: String, expectation: Grade, kind: String? = nil,
    quantity: String? = nil, ratio: Double? = nil, why: String
  ) {
    (self.recipe, self.digest, self.implementation) = (recipe, digest, implementation)
    (self.expectation, self.kind, self.quantity, self.ratio) = (expectation, kind, quantity, ratio)
    self.why = why
  }

  /// The oldest format that has a place for all of it.
  var neededFormat: Int { evidence != nil ? 4 : law != nil ? 3 : command != nil ? 2 : 1 }

  /// The name of its file: the recipe with separators a file system takes, and the implementation.
  ///
  /// A file may hold any text: what recipes and names are not made of does not reach a file name, and the checksum of
  /// the whole tells apart what is written the same then.
  package var fileName: String {
    let stem = String(
      recipe.map { $0 == "/" ? "+" : $0 == ":" ? "~" : Finding.isPlain($0) ? $0 : "_" })
    let owner = String(implementation.map { Finding.isPlain($0) ? $0 : "_" })
    let family = evidence == nil ? "" : "-family"
    let name = (stem.hasPrefix(".") ? "_" + stem.dropFirst() : stem) + "@" + owner + family
    // A path component has at most 255 bytes nearly everywhere.
    guard owner == implementation, name.utf8.count <= 240 else {
      return String(name.prefix(220)) + "-" + Checksum.of(recipe + "@" + implementation) + family + ".json"
    }
    return name + ".json"
  }

  private static func isPlain(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || "-=._".contains(character))
  }
}

extension Finding {
  /// A recipe with what an implementation came to on it.
  ///
  /// - Throws: `RecipeError` if the recipe makes no problem.
  /// - Precondition: it was not refused.
  package init(_ recipe: Recipe, _ result: CaseResult, why: String) throws(RecipeError) {
    precondition(result.grade != .refused, "what is refused cannot be found again")
    let judgement = result.brokenProperty == nil ? result.judgement : nil
    self.init(
      recipe: recipe.text, digest: try recipe.render().digest, implementation: result.implementation,
      expectation: result.grade,
      kind: result.kind, quantity: judgement?.quantity?.rawValue,
      ratio: result.grade == .agrees ? nil : judgement?.ratio, why: why)
  }
}
