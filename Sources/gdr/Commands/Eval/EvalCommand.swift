import Foreign
import GatedDeltaRule
import Oracle

extension Command {
  /// `gdr eval CASE.safetensors --implementation NAME --to OUT.safetensors [--double]`.
  static let eval = Command(
    name: "eval", operands: "CASE.safetensors",
    summary: "run one implementation and write its outputs and gradients",
    flags: [
      Flag("implementation", "NAME", isRequired: true, summary: "which one, as in gdr list"),
      Flag("to", "OUT.safetensors", isRequired: true, file: .written, summary: "where the results go"),
      Flag("double", summary: "run in fp64 and write F64"),
    ]
  ) { arguments, context in
    let path = try arguments.onlyOperand("CASE.safetensors")
    let implementation = try context.implementation(named: arguments.required("implementation", "NAME"))
    let destination = try arguments.required("to", "OUT.safetensors")
    let arithmetic: Request.Arithmetic = arguments.has("double") ? .double : .working
    let problem = try readProblem(path)
    let evaluation = try evaluate(implementation, on: problem, from: path, arithmetic)
    let frame = Frame(
      evaluation, level: problem.level, precision: arithmetic == .double ? .fp64 : .fp32,
      contract: problem.contract,
      metadata: ["origin": "gdr \(implementation.name)", "library": "gdr", "version": version])
    do {
      try frame.write(to: destination)
    } catch {
      throw BadFile(path: destination, error)
    }
    context.console.say("\(destination): \(frame.entries.keys.sorted().joined(separator: " "))")
    return .nothing
  }

  private static func readProblem(_ path: String) throws(BadFile) -> Problem {
    do {
      return try Problem(frame: Frame(contentsOf: path))
    } catch {
      throw BadFile(path: path, error)
    }
  }

  /// Gradients are asked for if there is a cotangent to pull back.
  private static func evaluate(
    _ implementation: any Implementation, on problem: Problem, from path: String,
    _ arithmetic: Request.Arithmetic
  ) throws(BadFile) -> Evaluation {
    if arithmetic == .double, !implementation.declaration.offersDouble {
      throw BadFile(path: path, reason: "\(implementation.name) does not run in fp64")
    }
    if let reason = implementation.refusal(of: problem) {
      throw BadFile(path: path, reason: "\(implementation.name) refuses: \(reason)")
    }
    if let reason = MemoryNeed(evaluating: implementation, on: problem.shape, threads: 1).refusal {
      throw BadFile(path: path, reason: reason)
    }
    let gradients = problem.cotangents.y != nil || problem.cotangents.state != nil
    do {
      return try implementation.evaluate(
        problem, request: Request(arithmetic: arithmetic, gradients: gradients))
    } catch {
      throw BadFile(path: path, reason: "\(implementation.name) failed: \(error)")
    }
  }
}
