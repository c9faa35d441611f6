import GatedDeltaRule

/// One tensor per quantity being filled, side by side in one piece of memory.
final class QuantityBuffers {
  let y, stateOut, dq, dk, dv, decay, write, dA_log, ddt_bias, dstateIn: UnsafeMutablePointer<Double>
  private let shape: Shape
  private let level: Level
  private let memory: UnsafeMutablePointer<Double>

  /// All zero. `decay` becomes dg or da, `write` dbeta or db.
  init(_ shape: Shape, level: Level) {
    (self.shape, self.level) = (shape, level)
    let tokens = shape.B * shape.T
    let (key, value) = (tokens * shape.Hk * shape.Dk, tokens * shape.Hv * shape.Dv)
    let (head, state) = (tokens * shape.Hv, shape.B * shape.Hv * shape.Dv * shape.Dk)
    let width = shape.decayWidth
    let total = 2 * (key + value + state) + head * (width + 1) + shape.Hv * (width + 1)
    memory = .allocate(capacity: total)
    memory.initialize(repeating: 0, count: total)
    var next = memory
    func take(_ count: Int) -> UnsafeMutablePointer<Double> {
      defer { next += count }
      return next
    }
    (y, stateOut, dq, dk, dv) = (take(value), take(state), take(key), take(key), take(value))
    (decay, write, dstateIn) = (take(head * width), take(head), take(state))
    (dA_log, ddt_bias) = (take(shape.Hv), take(shape.Hv * width))
  }

  deinit { memory.deallocate() }

  /// By quantity.
  var tensors: PerQuantity<Tensor> {
    func tensor(_ values: UnsafeMutablePointer<Double>, _ shape: [Int]) -> Tensor {
      let count = shape.reduce(1, *)
      return Tensor(
        shape: shape, precision: .fp64, values: Array(UnsafeBufferPointer(start: values, count: count)))
    }
    let (key, value, state) = (shape.key, shape.value, shape.state)
    var all = PerQuantity<Tensor>()
    (all[.y], all[.stateOut]) = (tensor(y, value), tensor(stateOut, state))
    (all[.dq], all[.dk], all[.dv]) = (tensor(dq, key), tensor(dk, key), tensor(dv, value))
    all[.dstateIn] = tensor(dstateIn, state)
    switch level {
    case .core: (all[.dg], all[.dbeta]) = (tensor(decay, shape.gate), tensor(write, shape.token))
    case .model:
      (all[.da], all[.db]) = (tensor(decay, shape.gate), tensor(write, shape.token))
      (all[.dA_log], all[.ddt_bias]) = (tensor(dA_log, shape.A_log), tensor(ddt_bias, shape.dt_bias))
    }
    return all
  }
}
