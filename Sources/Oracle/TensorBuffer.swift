import GatedDeltaRule

/// A tensor being filled.
final class TensorBuffer {
  let shape: [Int]
  let count: Int
  let values: UnsafeMutablePointer<Double>

  /// All zero.
  init(shape: [Int]) {
    self.shape = shape
    count = shape.reduce(1, *)
    values = .allocate(capacity: max(count, 1))
    values.initialize(repeating: 0, count: count)
  }

  deinit { values.deallocate() }

  /// What it holds now.
  var tensor: Tensor {
    Tensor(shape: shape, precision: .fp64, values: Array(UnsafeBufferPointer(start: values, count: count)))
  }
}

/// Where gradients are formed in fp16, whose largest number is 65504: a partial sum may leave its range although the
/// result does not, and then the result is inf or NaN. No partial sum is larger than the sum of the magnitudes.
struct PartialBuffers {
  /// Sums of the magnitudes of the shares of dq and dk; |dbeta|, from which db is made.
  let dq, dk, write: TensorBuffer?

  /// Nil if nothing is formed in fp16.
  init?(_ shape: Shape, _ model: ErrorModel) {
    guard model.headPrecision == .fp16 || model.betaPrecision == .fp16 else { return nil }
    func buffer(_ quantity: Quantity, _ precision: Precision) -> TensorBuffer? {
      precision == .fp16 ? TensorBuffer(shape: quantity.shape(in: shape)) : nil
    }
    (dq, dk) = (buffer(.dq, model.headPrecision), buffer(.dk, model.headPrecision))
    write = buffer(.dbeta, model.betaPrecision)
  }

  /// By quantity.
  func tensors(_ level: Level) -> [Quantity: Tensor] {
    let all: [Quantity: TensorBuffer?] = [.dq: dq, .dk: dk, level == .core ? .dbeta : .db: write]
    return all.compactMapValues { $0?.tensor }
  }
}

/// One tensor per quantity being filled.
struct QuantityBuffers {
  let y, stateOut, dq, dk, dv, decay, write, dA_log, ddt_bias, dstateIn: TensorBuffer
  let level: Level

  /// `decay` becomes dg or da, `write` dbeta or db.
  init(_ shape: Shape, level: Level) {
    self.level = level
    func buffer(_ quantity: Quantity) -> TensorBuffer { TensorBuffer(shape: quantity.shape(in: shape)) }
    (y, stateOut, dq, dk, dv) = (buffer(.y), buffer(.stateOut), buffer(.dq), buffer(.dk), buffer(.dv))
    (decay, write, dstateIn) = (buffer(.dg), buffer(.dbeta), buffer(.dstateIn))
    (dA_log, ddt_bias) = (buffer(.dA_log), buffer(.ddt_bias))
  }

  /// By quantity.
  var tensors: [Quantity: Tensor] {
    var all: [Quantity: Tensor] = [
      .y: y.tensor, .stateOut: stateOut.tensor, .dq: dq.tensor, .dk: dk.tensor, .dv: dv.tensor,
      .dstateIn: dstateIn.tensor,
    ]
    switch level {
    case .core: (all[.dg], all[.dbeta]) = (decay.tensor, write.tensor)
    case .model:
      (all[.da], all[.db]) = (decay.tensor, write.tensor)
      (all[.dA_log], all[.ddt_bias]) = (dA_log.tensor, ddt_bias.tensor)
    }
    return all
  }
}
