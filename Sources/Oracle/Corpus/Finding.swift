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

  /// The version of this file format.
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
  /// A sentence: what this case is here for.
  package var why: String

  /// A case as it was found, or as it must be.
  package init(
    recipe: String, digest: String, implementation: String, expectation: Grade, kind: String? = nil,
    quantity: String? = nil, ratio: Double? = nil, why: String
  ) {
    (self.recipe, self.digest, self.implementation) = (recipe, digest, implementation)
    (self.expectation, self.kind, self.quantity, self.ratio) = (expectation, kind, quantity, ratio)
    self.why = why
  }

  /// The name of its file: the recipe with separators a file system takes, and the implementation.
  package var fileName: String {
    // A file may hold any text, so nothing but what recipes are made of may reach a file name.
    let stem = recipe.map { character -> Character in
      switch character {
      case "/": "+"
      case ":": "~"
      case _ where character.isASCII && (character.isLetter || character.isNumber): character
      case "-", "=", ".": character
      default: "_"
      }
    }
    let name = String(stem) + "@" + implementation
    // A path component has at most 255 bytes nearly everywhere.
    return (name.utf8.count <= 240 ? name : String(name.prefix(220)) + "-" + Checksum.of(name))
      + ".json"
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
