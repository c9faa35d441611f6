import GatedDeltaRule

/// A coarse kernel behind the gates of a model, or of any rule, which are fp32, and behind its normalisation; the gradients of
/// a and b are stored like other results.
package struct CoarseModel: Implementation {
  let kernel: CoarseKernel
  /// What is wrong with the gradients of the gates; nil for an honest one.
  let fault: CoarseGain?
  /// What q and k are normalised in.
  let normalised: Precision

  package init(_ kernel: CoarseKernel, fault: CoarseGain? = nil, normalisedIn format: Precision = .fp32) {
    (self.kernel, self.fault, normalised) = (kernel, fault, format)
  }

  package var name: String { kernel.name + "-model" }
  package var declaration: Declaration {
    var declaration = kernel.declaration
    (declaration.contract, declaration.queryKeyPrecision) = (nil, normalised)
    return declaration
  }

  package func refusal(of problem: Problem) -> String? {
    problem.shape.decayKind == .scalar ? nil : "one decay a head"
  }

  package func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
    let rule = CoarseRule(problem, normalised)
    let core = try rule.core()
    if let reason = MildDecay(kernel).refusal(of: core) { throw Refusal(reason) }
    var answer = try kernel.evaluate(core, request: request)
    func floats(_ quantity: Quantity) -> [Float] { answer[quantity]?.values.map { Float($0) } ?? [] }
    let inputs = problem.primals.q.precision
    func store(_ values: [Float], _ quantity: Quantity, like tensor: Tensor, as precision: Precision) {
      let factor = fault?.factor(quantity, head: 0) ?? 1
      answer.results[quantity] = Tensor(
        shape: tensor.shape, precision: precision, values: values.map { precision.round(Double($0) * factor) }
      )
    }
    for (quantity, vectors) in [(Quantity.dq, rule.q), (.dk, rule.k)] {
      if let given = answer[quantity] {
        store(vectors.pulledBack(floats(quantity)), quantity, like: given, as: inputs)
      }
    }
    for quantity in [Quantity.y, .dv] { answer.results[quantity] = answer[quantity]?.rounded(to: inputs) }
    for (quantity, tensor) in rule.gates.gradients(dg: floats(.dg), dbeta: floats(.dbeta)) {
      let precision = quantity == .da || quantity == .db || quantity == .dbeta ? inputs : .fp32
      store(tensor.values.map { Float($0) }, quantity, like: tensor, as: precision)
    }
    if problem.level == .model { (answer.results[.dg], answer.results[.dbeta]) = (nil, nil) }
    if problem.contract.state != .fp32 {
      answer.results[.stateOut] = answer[.stateOut]?.rounded(to: problem.contract.state)
    }
    return answer
  }
}

/// The parts of a problem that lie before the recurrence.
private struct CoarseRule {
  let problem: Problem
  let gates: RuleGates
  let q, k: RuleVectors

  init(_ problem: Problem, _ format: Precision) {
    let (contract, live) = (problem.contract, problem.mask?.live)
    let scale = contract.scaleFactor(Dk: problem.shape.Dk)
    self.problem = problem
    gates = RuleGates(problem, contract, nil)
    q = RuleVectors(problem.primals.q, live: live, contract, nil, scale: scale, isKey: false, format: format)
    k = RuleVectors(problem.primals.k, live: live, contract, nil, scale: 1, isKey: true, format: format)
  }

  /// Of the plain rule, with what fp32 makes of gates, queries and keys.
  func core() throws -> Problem {
    let shape = problem.shape
    var primals = problem.primals
    func tensor(_ values: [Float], _ shape: [Int]) -> Tensor {
      Tensor(shape: shape, values: values.map(Double.init))
    }
    if !problem.contract.keepsQueryAndKey {
      (primals.q, primals.k) = (tensor(q.rows, shape.key), tensor(k.rows, shape.key))
    }
    primals.gates = .core(g: tensor(gates.g, shape.gate), beta: tensor(gates.beta, shape.token))
    return try Problem(
      shape: shape, primals: primals, mask: problem.mask, cotangents: problem.cotangents, domain: .any)
  }
}
