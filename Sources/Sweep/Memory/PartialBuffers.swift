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
  func tensors(_ level: Level) -> PerQuantity<Tensor> {
    var all = PerQuantity<Tensor>()
    (all[.dq], all[.dk], all[level == .core ? .dbeta : .db]) = (dq?.tensor, dk?.tensor, write?.tensor)
    return all
  }
}
