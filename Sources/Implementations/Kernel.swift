import GatedDeltaRule

/// One form of the rule at core level, in any arithmetic; the gates around it are everybody's.
protocol Kernel: Implementation {
  /// Its gates.
  var gates: GateRule { get }
  /// Fills in the results. Everything it holds comes from `arena`.
  func run<R: Real>(_ problem: CoreProblem<R>, into results: CoreResults<R>, arena: Arena)
}

/// A kernel was asked for what it refuses.
struct Refusal: Error, Hashable, CustomStringConvertible {
  /// Why.
  let reason: String
  /// One sentence for a person.
  var description: String { reason }
}

extension Kernel {
  /// - Throws: `Refusal` where `refusal(of:)` says so.
  func evaluate(_ problem: Problem, _ request: Request) throws -> Evaluation {
    if let reason = refusal(of: problem) { throw Refusal(reason: reason) }
    return switch request.arithmetic {
    case .working: evaluate(problem, gradients: request.gradients, as: Float.self)
    case .double: evaluate(problem, gradients: request.gradients, as: Double.self)
    }
  }

  private func evaluate<R: Real>(_ problem: Problem, gradients: Bool, as: R.Type) -> Evaluation {
    let boundary = Arena()
    let gates = GateValues<R>(problem, rule: self.gates, arena: boundary)
    let core = CoreProblem<R>(
      problem, decay: UnsafePointer(gates.g), beta: UnsafePointer(gates.beta), arena: boundary)
    let results = CoreResults(core, gradients: gradients, arena: boundary)
    let scratch = Arena()
    run(core, into: results, arena: scratch)
    let shape = problem.shape
    let outputs = Outputs(
      y: tensor(results.y, shape: shape.value), state: tensor(results.state, shape: shape.state))
    let primals = results.gradients.map { found in
      Primals(
        q: tensor(found.dq, shape: shape.key), k: tensor(found.dk, shape: shape.key),
        v: tensor(found.dv, shape: shape.value),
        gates: gates.gradients(problem, ddecay: found.ddecay, dbeta: found.dbeta),
        state: tensor(found.dstate, shape: shape.state))
    }
    let evaluation = Evaluation(outputs: outputs, gradients: primals, peakBytes: scratch.bytes)
    withExtendedLifetime((boundary, scratch)) {}
    return evaluation
  }
}
