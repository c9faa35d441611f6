//  y = s x r,  r = 1 / sqrt(mean(x^2) + 1e-6);   dx = s r (dy - x r^2 mean(dy x))

/// RMS normalisation of rows, without weights.
struct Norm {
  let width: Int
  let scale: Float

  func callAsFunction(_ x: [Float]) -> [Float] {
    var y = x
    for first in stride(from: 0, to: x.count, by: width) {
      let r = reciprocal(x, first)
      for i in first..<first + width { y[i] = scale * (x[i] * r) }
    }
    return y
  }

  /// dx.
  func reverse(_ x: [Float], _ dy: [Float]) -> [Float] {
    var dx = dy
    for first in stride(from: 0, to: x.count, by: width) {
      let r = reciprocal(x, first)
      var product: Float = 0
      for i in first..<first + width { product += dy[i] * x[i] }
      let mean = product / Float(width)
      for i in first..<first + width { dx[i] = scale * r * (dy[i] - x[i] * (r * r) * mean) }
    }
    return dx
  }

  private func reciprocal(_ x: [Float], _ first: Int) -> Float {
    var sum: Float = 0
    for i in first..<first + width { sum += x[i] * x[i] }
    return 1 / (sum / Float(width) + 1e-6).squareRoot()
  }
}
