import GatedDeltaRule

/// A coarse kernel behind the gates of a model, which are fp32; the gradients of a and b are stored like other results.
package struct CoarseModel: Implementation {
  let kernel: CoarseKernel
  /// What is wrong with the gradients of the gates; nil for an honest one.
  let fault: CoarseGain?

  package init(_ kernel: CoarseKernel, fault: CoarseGain? = nil) {
    (self.kernel, self.fault) = (kernel, fault)
  }

  package var name: String { kernel.name + "-model" }
  package var declaration: Declaration { kernel.declaration }

  package func refusal(of problem: Problem) -> String? {
    problem.level == .model && problem.shape.decayKind == .scalar ? nil : "model level, one decay a head"
  }

  package func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
    let (shape, gates) = (problem.shape, RuleGates(problem, problem.contract, nil))
    var primals = problem.primals
    primals.gates = .core(
      g: Tensor(shape: shape.gate, values: gates.g.map(Double.init)),
      beta: Tensor(shape: shape.token, values: gates.beta.map(Double.init)))
    let core = try Problem(
      shape: shape, primals: primals, mask: problem.mask, cotangents: problem.cotangents)
    var answer = try kernel.evaluate(core, request: request)
    func floats(_ quantity: Quantity) -> [Float] { answer[quantity]?.values.map { Float($0) } ?? [] }
    let inputs = problem.primals.q.precision
    for (quantity, tensor) in gates.gradients(dg: floats(.dg), dbeta: floats(.dbeta)) {
      let precision = quantity == .da || quantity == .db ? inputs : .fp32
      let factor = fault?.factor(quantity, head: 0) ?? 1
      answer.results[quantity] = Tensor(
        shape: tensor.shape, precision: precision, values: tensor.values.map { precision.round($0 * factor) })
    }
    (answer.results[.dg], answer.results[.dbeta]) = (nil, nil)
    return answer
  }
}
