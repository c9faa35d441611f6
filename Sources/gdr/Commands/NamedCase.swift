import Foreign
import Foundation
import GatedDeltaRule
import Generator
import Oracle

/// A case as a person names it: a recipe, a saved finding, or a file of tensors that says which recipe it is of.
struct NamedCase {
  private(set) var recipe: Recipe
  /// What the file says of it; nil for a recipe and for tensors.
  var finding: Finding?

  /// - Throws: `RecipeError`, or `BadFile` for a file that names no recipe.
  init(_ operand: String, _ arguments: Arguments) throws {
    guard NamedCase.isPath(operand) else {
      recipe = try arguments.recipe(operand)
      return
    }
    if NamedCase.isOfTensors(operand) {
      recipe = try arguments.recipe(NamedCase.recipe(ofTensors: operand))
      return
    }
    do {
      let finding = try Corpus.read(operand).get()
      self.finding = finding
      recipe = try arguments.recipe(finding.recipe)
    } catch let error as UnreadableFinding {
      throw BadFile(path: operand, reason: "\(error)")
    }
  }

  /// Asks for the decay as a factor where the case gives its logarithm; returns whether it does.
  mutating func takeFactors() -> Bool {
    guard recipe.contract.decay == .log else { return false }
    recipe.contract.decay = .linear
    return true
  }

  /// Whether a file holds tensors, by its name.
  static func isOfTensors(_ path: String) -> Bool { path.hasSuffix(".safetensors") }

  private static func recipe(ofTensors path: String) throws(BadFile) -> String {
    do {
      let frame = try Frame(contentsOf: path)
      guard let text = frame.metadata["recipe"] else {
        throw BadFile(
          path: path,
          reason: "these tensors name no recipe; gdr check judges them, and says what is off where")
      }
      let made = try Recipe(text).render()
      // What was changed since would be judged as what it was.
      guard try Problem(frame: frame).digest == made.digest else {
        throw BadFile(
          path: path,
          reason: "these tensors are not those of the recipe they name; gdr check judges them as they are")
      }
      return text
    } catch let error as BadFile {
      throw error
    } catch {
      throw BadFile(path: path, error)
    }
  }

  /// Whether an operand means a file; a recipe starts with its version and has no such file.
  static func isPath(_ operand: String) -> Bool {
    FileManager.default.fileExists(atPath: operand) || !operand.hasPrefix("v")
  }
}
