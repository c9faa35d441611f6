import GatedDeltaRule

/// The answers of twins, from which it follows how large honest errors are.
struct TwinErrors {
  private let answers: [[PerQuantity<Tensor>]]  // of forms
  private let nearest: [PerQuantity<Tensor>]  // of forms

  /// - Parameter count: evaluations of each form, beside the one that rounds to nearest.
  init(_ runs: TwinRuns, seed: UInt64, count: Int) {
    answers = runs.forms.map { run in (0..<count).map { run(seed &+ UInt64($0) &* 0x9e37_79b9_7f4a_7c15) } }
    nearest = runs.forms.map { $0(nil) }
  }

  /// What an answer says of one result, its error compared with the twins' in every direction; nil where they have left
  /// the range of their formats.
  ///
  /// The first evaluation of every form decides how much the case may say; the others give the deviations. Of several
  /// forms the one whose errors are larger counts, direction by direction: an honest kernel has one of them. Nor are they
  /// smaller than those of the evaluation that rounds to nearest: where few numbers are rounded, or equal ones
  /// everywhere, chance would have to be asked more often than it is to round as a kernel does.
  func evidence(
    of found: Tensor, _ quantity: Quantity, _ projection: Projection, bias: Double
  ) -> ResultEvidence? {
    var deviations = [Double](repeating: Score.floor, count: Direction.all.count)
    var predicted = deviations
    var largest = projection.leastMeanSquare
    for form in answers {
      var squares = [Double](repeating: 0, count: Direction.all.count)
      for (number, answer) in form.enumerated() {
        guard let tensor = answer[quantity], tensor.isFinite else { return nil }
        largest = max(largest, projection.meanSquare(of: tensor))
        if number == 0 {
          predicted = zip(predicted, projection.deviations(of: tensor)).map { max($0, $1) }
        } else {
          squares = zip(squares, projection.gains(of: tensor)).map { $0 + $1 * $1 }
        }
      }
      let count = Double(form.count - 1)
      deviations = zip(deviations, squares).map { max($0, ($1 / count).squareRoot()) }
    }
    for answer in nearest {
      guard let tensor = answer[quantity], tensor.isFinite else { return nil }
      largest = max(largest, projection.meanSquare(of: tensor))
      let gains = projection.gains(of: tensor).map(\.magnitude)
      deviations = zip(deviations, gains).map { max($0, $1) }
      predicted = zip(predicted, gains).map { max($0, $1) }
    }
    let gains = projection.gains(of: found)
    let scores = projection.ordinals.map {
      Score(ordinal: $0, gain: gains[$0], deviation: deviations[$0], predicted: predicted[$0])
    }
    guard !scores.isEmpty else { return nil }
    return ResultEvidence(
      quantity: quantity, spread: (projection.meanSquare(of: found) / largest).squareRoot(), scores: scores,
      bias: bias)
  }
}
