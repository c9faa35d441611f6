import GatedDeltaRule

/// One tensor per quantity being filled, side by side in one piece of memory.
final class QuantityBuffers {
  let y, stateOut, dq, dk, dv, decay, write, dA_log, ddt_bias, dstateIn: UnsafeMutablePointer<Double>
  private let problem: Problem
  private let memory: UnsafeMutablePointer<Double>

  /// Zero where a sweep adds, or may leave an element out. `decay` becomes dg or da, `write` dbeta or db.
  init(_ problem: Problem) {
    let shape = problem.shape
    self.problem = problem
    let tokens = shape.B * shape.T
    let (key, value) = (tokens * shape.Hk * shape.Dk, tokens * shape.Hv * shape.Dv)
    let (head, state) = (tokens * shape.Hv, shape.B * shape.Hv * shape.Dv * shape.Dk)
    let width = shape.decayWidth
    let sums = 2 * key + head * width + shape.Hv * (width + 1)
    let ofTokens = 2 * value + head
    memory = .allocate(capacity: sums + ofTokens + 2 * state)
    memory.initialize(repeating: 0, count: problem.mask == nil ? sums : sums + ofTokens)
    var next = memory
    func take(_ count: Int) -> UnsafeMutablePointer<Double> {
      defer { next += count }
      return next
    }
    (dq, dk, decay) = (take(key), take(key), take(head * width))
    (dA_log, ddt_bias) = (take(shape.Hv), take(shape.Hv * width))
    (y, dv, write) = (take(value), take(value), take(head))
    (stateOut, dstateIn) = (take(state), take(state))
  }

  deinit { memory.deallocate() }

  /// By quantity; without gradients the outputs alone.
  func tensors(gradients: Bool = true) -> PerQuantity<Tensor> {
    func tensor(_ values: UnsafeMutablePointer<Double>, _ shape: [Int]) -> Tensor {
      let count = shape.reduce(1, *)
      return Tensor(
        shape: shape, precision: .fp64, values: Array(UnsafeBufferPointer(start: values, count: count)))
    }
    // What is of the shape of an input has its list of sizes.
    let primals = problem.primals
    let (key, value) = (primals.q.shape, primals.v.shape)
    let state = primals.state?.shape ?? problem.shape.state
    var all = PerQuantity<Tensor>()
    (all[.y], all[.stateOut]) = (tensor(y, value), tensor(stateOut, state))
    guard gradients else { return all }
    (all[.dq], all[.dk], all[.dv]) = (tensor(dq, key), tensor(dk, key), tensor(dv, value))
    all[.dstateIn] = tensor(dstateIn, state)
    switch primals.gates {
    case .core(let g, let beta): (all[.dg], all[.dbeta]) = (tensor(decay, g.shape), tensor(write, beta.shape))
    case .model(let a, let b, let A_log, let bias):
      (all[.da], all[.db]) = (tensor(decay, a.shape), tensor(write, b.shape))
      (all[.dA_log], all[.ddt_bias]) = (tensor(dA_log, A_log.shape), tensor(ddt_bias, bias.shape))
    }
    return all
  }
}
