/// A sum of products of answers with known numbers, and how far it may be from the truth.
struct Sum {
  private(set) var value = 0.0
  /// Of what was added, and of adding it up in double.
  var tolerance: Double { given + Double(count) * 0x1p-52 * magnitude }
  private var given = 0.0
  /// The sum of the magnitudes of its terms.
  private(set) var magnitude = 0.0
  private var count = 0

  /// factor * answer.
  @inline(__always)
  mutating func add(_ answer: (value: Double, tolerance: Double), times factor: Double) {
    // A cotangent of zero asks nothing of an output that nothing bounds.
    guard factor != 0 else { return }
    value += factor * answer.value
    given += factor.magnitude * answer.tolerance
    magnitude += (factor * answer.value).magnitude
    count += 1
  }

  /// answer * factor, element by element over a range, in its order; with the factors' signs turned if `negated`.
  mutating func add(
    _ answers: Answer.Entries, times factors: [Double], over range: Range<Int>, negated: Bool = false
  ) {
    precondition(range.lowerBound >= 0 && range.upperBound <= answers.values.count)
    precondition(range.upperBound <= answers.tolerances.count && range.upperBound <= factors.count)
    let sign: Double = negated ? -1 : 1
    var sum = self
    answers.values.withUnsafeBufferPointer { values in
      answers.tolerances.withUnsafeBufferPointer { tolerances in
        factors.withUnsafeBufferPointer { factors in
          for i in range { sum.add((values[i], tolerances[i]), times: sign * factors[i]) }
        }
      }
    }
    self = sum
  }

  /// Another sum.
  mutating func add(_ other: Sum, times factor: Double = 1) {
    value += factor * other.value
    given += factor.magnitude * other.given
    magnitude += factor.magnitude * other.magnitude
    count += other.count + 1
  }
}

extension PropertyTally {
  /// Both sides are the same up to their tolerances; graded by the terms unless a scale is given.
  mutating func expect(
    _ what: @autoclosure () -> String, at index: @autoclosure () -> [Int], _ left: Sum, equals right: Sum,
    scale: @autoclosure () -> Double? = nil
  ) {
    expect(
      what(), at: index(), left.value, near: right.value, within: left.tolerance + right.tolerance,
      scale: scale() ?? left.magnitude + right.magnitude)
  }
}
