import Foreign
import Generator

extension Command {
  /// `gdr export RECIPE|FILE --to case.safetensors`.
  static let export = Command(
    name: "export", operands: "RECIPE|FILE",
    summary: "write the tensors of a recipe to a file that any library opens",
    flags: [Flag("to", "CASE.safetensors", isRequired: true, file: .written, summary: "where they go")]
  ) { arguments, context in
    var recipe = try NamedCase(arguments.onlyOperand("RECIPE or FILE"), arguments).recipe
    if recipe.calls != nil {
      context.console.complain("a file holds the tokens of one call: calls= and pool= are left out")
      recipe.calls = nil
    }
    let destination = try arguments.required("to", "CASE.safetensors")
    let problem = try recipe.render()
    let frame = Frame(
      problem,
      metadata: ["recipe": recipe.text, "digest": problem.digest, "precision": recipe.precision.rawValue])
    do {
      try frame.write(to: destination)
    } catch {
      throw BadFile(path: destination, error)
    }
    context.console.say("\(destination): \(frame.entries.keys.sorted().joined(separator: " "))")
    return .nothing
  }
}
