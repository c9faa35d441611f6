import Foundation

/// What one implementation needed.
struct BenchResult: Sendable, Codable {
  let implementation: String
  /// In the order of the rounds; of what answers through a pipe by the clock of the one who asks, less the way there and
  /// back.
  var seconds: [Double] = []
  /// State history, checkpoints and scratch at the peak, where it counts them.
  var peakBytes: Int?
  /// Operations of one evaluation, where they are known.
  var operations: Double?
  /// What the way through the pipe took, measured beside every round; nil for what is built in.
  var echo: [Double]?
  /// Bytes of the tensors that go there and back; nil likewise.
  var bytes: Int?
  /// How long it says itself that it took; nil where it says nothing.
  var claims: [Double]?
  /// Over that of the fastest in the same round.
  var ratios: [Double] = []

  /// The median of the rounds.
  var median: Double { seconds.median }
  /// Of the ratios.
  var ratio: Spread { Spread(of: ratios) }
}

/// A median and where it is known to lie.
struct Spread: Sendable {
  let median: Double
  /// An interval that holds the true median with a chance of 95 %, or from five values down all of them.
  let low, high: Double

  init(of values: [Double]) {
    let sorted = values.sorted()
    median = values.median
    let skipped = Spread.skipped(of: sorted.count)
    (low, high) = (
      sorted.isEmpty ? .nan : sorted[skipped], sorted.isEmpty ? .nan : sorted[sorted.count - 1 - skipped]
    )
  }

  /// How many of the smallest and of the largest of n values lie outside: the order statistics of the sign test.
  static func skipped(of n: Int) -> Int {
    guard n > 5 else { return 0 }
    var (k, tail, term) = (0, pow(0.5, Double(n)), pow(0.5, Double(n)))
    // The chance that the median lies below the (k + 1)-th of n is that of k heads or fewer in n throws.
    while true {
      term *= Double(n - k) / Double(k + 1)
      guard 2 * (tail + term) <= 0.05 else { return k }
      tail += term
      k += 1
    }
  }
}

extension [Double] {
  /// The middle one, of an even number the upper; NaN of none.
  var median: Double { isEmpty ? .nan : sorted()[count / 2] }
}
