import GatedDeltaRule

/// How far one tensor is from another, relative to the size of the other: in the Frobenius norm and by the largest
/// element. What is missing, of another shape or not a number is infinitely far, so that it is within no limit.
package struct RelativeError: Sendable {
  /// ||x - o|| / ||o|| in the Frobenius norm.
  package var frobenius: Double {
    RelativeError.quotient(error.square.squareRoot(), size.square.squareRoot())
  }
  /// max |x - o| / max |o|.
  package var ofLargest: Double { RelativeError.quotient(error.largest, size.largest) }

  private(set) var error = Magnitudes()
  private(set) var size = Magnitudes()

  /// Of magnitudes, the sum of their squares and the largest; a NaN stays one.
  struct Magnitudes {
    private(set) var square = 0.0
    private(set) var largest = 0.0

    @inline(__always)
    mutating func add(_ magnitude: Double) {
      square += magnitude * magnitude
      largest = magnitude <= largest || largest.isNaN ? largest : magnitude
    }
  }

  /// Of nothing yet.
  init() {}

  /// No error is none, whatever the size.
  static func quotient(_ error: Double, _ size: Double) -> Double {
    guard error != 0 else { return 0 }
    let quotient = error / size
    return quotient.isNaN ? .infinity : quotient
  }

  @inline(__always)
  private mutating func add(_ x: Double, _ o: Double, weight: Double) {
    error.add((x - o).magnitude * weight)
    size.add(o.magnitude * weight)
  }

  /// What differs at an element of this size, and whether that counts.
  @inline(__always)
  mutating func add(error difference: Double, of magnitude: Double, counts: Bool) {
    size.add(magnitude)
    if counts { error.add(difference) }
  }
}

extension RelativeError {
  /// Over all elements.
  package init(of found: Tensor?, from reference: Tensor?) {
    self.init(found, reference, weights: nil) { count, body in body(0..<count) }
  }

  /// Of one quantity of an answer, over the elements of live tokens.
  ///
  /// - Parameter isLogarithmic: counts the gradient by g as one by log g: at g = 1e-12 the quotient dg itself is nothing
  ///   but rounding.
  package init(
    of found: Tensor?, from reference: Tensor?, _ quantity: Quantity, on problem: Problem,
    isLogarithmic: Bool = false
  ) {
    let weights = isLogarithmic ? problem.logarithmicWeights(of: quantity) : nil
    self.init(found, reference, weights: weights) { count, body in
      problem.stretches(of: quantity, count: count).forEach { elements, isLive in
        if isLive { body(elements) }
      }
    }
  }

  private init(
    _ found: Tensor?, _ reference: Tensor?, weights: [Double]?,
    forEach: (Int, (Range<Int>) -> Void) -> Void
  ) {
    var sum = RelativeError()
    if let found, let reference, found.shape == reference.shape {
      forEach(reference.values.count) { elements in
        for i in elements { sum.add(found.values[i], reference.values[i], weight: weights?[i] ?? 1) }
      }
    } else {
      sum.error.add(.infinity)
    }
    self = sum
  }
}

extension Problem {
  /// What makes a gradient by g one by log g, element by element; nil for every other quantity.
  func logarithmicWeights(of quantity: Quantity) -> [Double]? {
    guard quantity == .dg, contract.decay == .linear, case .core(let g, _) = primals.gates else { return nil }
    return g.values
  }
}
