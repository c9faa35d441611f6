import Foreign
import GatedDeltaRule
import Oracle

extension Command {
  /// `gdr eval RECIPE|CASE.safetensors --implementation NAME --to OUT.safetensors [--double]`.
  static let eval = Command(
    name: "eval", operands: "RECIPE|CASE.safetensors",
    summary: "run one implementation and write its outputs and gradients",
    flags: [
      Flag("implementation", "NAME", isRequired: true, summary: "which one, as in gdr list, or reference"),
      Flag("to", "OUT.safetensors", isRequired: true, file: .written, summary: "where the results go"),
      Flag("double", summary: "run in fp64 and write F64"),
      Flag("bounds", summary: "write what each result may be off by as well, as allowed.NAME"),
      Flag("as", "LAW", needs: "bounds", summary: "of kernels of this law: chunked:64,products:bf16"),
    ]
  ) { arguments, context in
    let path = try arguments.onlyOperand("RECIPE or CASE.safetensors")
    let name = try arguments.required("implementation", "NAME")
    let destination = try arguments.required("to", "OUT.safetensors")
    let isReference = name == "reference"
    let implementation = try context.implementation(named: isReference ? "sequential" : name)
    let problem = try NamedCase.isPath(path) ? readProblem(path) : arguments.recipe(path).render()
    let arithmetic: Request.Arithmetic = isReference || arguments.has("double") ? .double : .working
    let check = CrossCheck(problem)
    if isReference || arguments.has("bounds") {
      try refuseWhatIsTooLarge(problem, implementation, from: path)
    }
    let evaluation =
      isReference
      ? Evaluation(results: check.reference(for: implementation.declaration(for: problem)).values)
      : try evaluate(implementation, on: problem, from: path, arithmetic)
    var frame = Frame(
      evaluation, level: problem.level, precision: arithmetic == .double ? .fp64 : .fp32,
      contract: problem.contract,
      metadata: ["origin": "gdr \(name)", "library": "gdr", "version": version])
    if arguments.has("bounds") {
      let judged = try arguments.law().map { UnderLaw(implementation, $0) } ?? implementation
      for (entry, tensor) in bounds(check, for: judged).entries { frame.entries["allowed." + entry] = tensor }
    }
    do {
      try frame.write(to: destination)
    } catch {
      throw BadFile(path: destination, error)
    }
    context.console.say("\(destination): \(frame.entries.keys.sorted().joined(separator: " "))")
    return .nothing
  }

  /// What the results of an implementation may be off by, each in its place.
  private static func bounds(_ check: CrossCheck, for implementation: any Implementation) -> Frame {
    let problem = check.problem
    let bound = check.bound(for: implementation.declaration(for: problem))
    let tensors = problem.quantities.compactMap { quantity in bound[quantity].map { (quantity, $0) } }
    return Frame(
      Evaluation(results: Dictionary(uniqueKeysWithValues: tensors)), level: problem.level, precision: .fp64,
      contract: problem.contract)
  }

  private static func refuseWhatIsTooLarge(
    _ problem: Problem, _ implementation: any Implementation, from path: String
  ) throws(BadFile) {
    if let reason = MemoryNeed(judging: implementation, on: problem.shape, threads: 1).refusal {
      throw BadFile(path: path, reason: reason)
    }
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
