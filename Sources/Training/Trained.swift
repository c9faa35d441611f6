/// Numbers that are trained, with AdamW's moments (Loshchilov, Hutter, arXiv:1711.05101).
struct Trained {
  private(set) var values: [Float]
  var gradient: [Float]
  private var first, second: [Float]

  init(_ values: [Float]) {
    self.values = values
    let zeros = [Float](repeating: 0, count: values.count)
    (gradient, first, second) = (zeros, zeros, zeros)
  }

  /// One step, the first being number 1; the gradient is zero afterwards.
  mutating func step(_ number: Int, rate: Float) {
    let (beta1, beta2, decay): (Float, Float, Float) = (0.9, 0.99, 0.01)
    var (bias1, bias2): (Float, Float) = (1, 1)
    for _ in 0..<number { (bias1, bias2) = (bias1 * beta1, bias2 * beta2) }
    for i in values.indices {
      first[i] = beta1 * first[i] + (1 - beta1) * gradient[i]
      second[i] = beta2 * second[i] + (1 - beta2) * gradient[i] * gradient[i]
      let slope = first[i] / (1 - bias1) / ((second[i] / (1 - bias2)).squareRoot() + 1e-8)
      values[i] -= rate * (slope + decay * values[i])
      gradient[i] = 0
    }
  }
}
