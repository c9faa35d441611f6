//  y = x W^T with W = W_0 + B A: W_0 [out, in] is frozen, the adapter A [rank, in], B [out, rank] is trained.
//
//    dx = dy W      dW = dy^T x      dB = dW A^T      dA = B^T dW

/// A linear map with a low-rank adapter (LoRA).
struct Projection {
  let inputs: Int, outputs: Int, rank: Int
  private let frozen: [Float]  // [out, in]
  private(set) var weight: [Float]  // [out, in]
  var A: Trained, B: Trained

  /// W_0 and A are random, B is zero: training starts from W_0.
  init(inputs: Int, outputs: Int, rank: Int, random: inout Random, perturbation: Float) {
    (self.inputs, self.outputs, self.rank) = (inputs, outputs, rank)
    let scale = 1 / Float(inputs).squareRoot()
    frozen = (0..<outputs * inputs).map { _ in random.normal() * scale }
    A = Trained((0..<rank * inputs).map { _ in random.normal() * scale * (1 + perturbation) })
    B = Trained([Float](repeating: 0, count: outputs * rank))
    weight = frozen
  }

  /// W from what was trained.
  mutating func merge() {
    weight = frozen
    addProduct(B.values, A.values, to: &weight, rows: outputs, inner: rank, columns: inputs)
  }

  /// y, [rows, out].
  func callAsFunction(_ x: [Float], rows: Int) -> [Float] {
    var y = [Float](repeating: 0, count: rows * outputs)
    addProduct(
      x, transposed(weight, rows: outputs, columns: inputs), to: &y, rows: rows, inner: inputs,
      columns: outputs)
    return y
  }

  /// Adds to the gradients of A and B, and to dx.
  mutating func reverse(_ x: [Float], _ dy: [Float], rows: Int, into dx: inout [Float]) {
    addProduct(dy, weight, to: &dx, rows: rows, inner: outputs, columns: inputs)
    var dW = [Float](repeating: 0, count: outputs * inputs)
    addProduct(
      transposed(dy, rows: rows, columns: outputs), x, to: &dW, rows: outputs, inner: rows, columns: inputs)
    addProduct(
      dW, transposed(A.values, rows: rank, columns: inputs), to: &B.gradient, rows: outputs, inner: inputs,
      columns: rank)
    addProduct(
      transposed(B.values, rows: outputs, columns: rank), dW, to: &A.gradient, rows: rank, inner: outputs,
      columns: inputs)
  }
}

/// C += A B, row major; k ascends for every element.
func addProduct(_ A: [Float], _ B: [Float], to C: inout [Float], rows: Int, inner: Int, columns: Int) {
  A.withUnsafeBufferPointer { A in
    B.withUnsafeBufferPointer { B in
      C.withUnsafeMutableBufferPointer { C in
        for i in 0..<rows {
          for k in 0..<inner {
            let factor = A[i * inner + k]
            for j in 0..<columns { C[i * columns + j] += factor * B[k * columns + j] }
          }
        }
      }
    }
  }
}

func transposed(_ A: [Float], rows: Int, columns: Int) -> [Float] {
  var result = [Float](repeating: 0, count: rows * columns)
  for i in 0..<rows {
    for j in 0..<columns { result[j * rows + i] = A[i * columns + j] }
  }
  return result
}
