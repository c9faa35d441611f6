import GatedDeltaRule

/// Projects an error of one result on the directions that there are in it.
///
/// With o the reference, d one of its parts or its derivative by a gain of an input, and e an error, both zero at masked
/// tokens:
///
///     a = <e, d> / <d, d>
///
/// is the gain that the error looks like: e = a d for a result that is 1 + a times what it should be. Errors that have
/// nothing to do with each other give it the variance sum d_i^2 e_i^2 / <d, d>^2.
///
/// What is asked of every direction is answered by their places in `Direction.all`; 0 where the result does not have it.
package struct Projection {
  private let reference: Tensor
  private let layout: RowLayout
  private let norms: [Double]  // <d, d>, by ordinal
  private let count: Double

  /// - Parameters:
  ///   - chunk: tokens of a chunk; nil where the form has none.
  ///   - derivatives: what the result moves by with a gain of an input.
  package init(
    _ quantity: Quantity, _ reference: Tensor, on problem: Problem, chunk: Int?,
    derivatives: [(Input, Tensor)]
  ) {
    self.reference = reference
    layout = RowLayout(quantity, problem, chunk: chunk, derivatives: derivatives)
    count = Double(layout.width * layout.rows.count)
    norms = layout.sums { i in
      reference.values[i] * reference.values[i]
    } derivative: { _, d in
      d * d
    }
  }

  /// The directions that the result has, by their places: parts of it that are a thousandth of the whole, since what is
  /// left in a smaller one depends on what cancels there, and gains of inputs that move it by as much.
  package var ordinals: [Int] {
    let least = norms[Direction.whole.ordinal] * 0x1p-20
    return norms.indices.filter {
      norms[$0] > 0x1p-200 && norms[$0].isFinite && norms[$0] >= least
    }
  }

  /// The gain that an error looks like in every direction.
  package func gains(of found: Tensor) -> [Double] {
    let (o, x) = (reference.values, found.values)
    let products = layout.sums { i in
      (x[i] - o[i]) * o[i]
    } derivative: { i, d in
      (x[i] - o[i]) * d
    }
    return norms.indices.map { norms[$0] > 0 ? products[$0] / norms[$0] : 0 }
  }

  /// The deviation that such a gain would have, were the errors of all elements apart from each other.
  package func deviations(of found: Tensor) -> [Double] {
    let (o, x) = (reference.values, found.values)
    func squared(_ product: Double) -> Double { product * product }
    let squares = layout.sums { i in
      squared((x[i] - o[i]) * o[i])
    } derivative: { i, d in
      squared((x[i] - o[i]) * d)
    }
    return norms.indices.map { norms[$0] > 0 ? squares[$0].squareRoot() / norms[$0] : 0 }
  }

  /// The mean square of an error.
  func meanSquare(of found: Tensor) -> Double {
    let (o, x) = (reference.values, found.values)
    var sum = 0.0
    for row in layout.rows {
      for i in row * layout.width..<(row + 1) * layout.width { sum += (x[i] - o[i]) * (x[i] - o[i]) }
    }
    return sum / max(count, 1)
  }

  /// The mean square of a rounding of fp32 in every element.
  var leastMeanSquare: Double {
    let u = Precision.fp32.unitRoundoff
    return u * u * norms[Direction.whole.ordinal] / max(count, 1)
  }
}

/// The rows of a result, one for a head of a token or of a batch row, and the directions that each belongs to.
private struct RowLayout {
  /// Elements of a row, and of a token's or an output row's channels in it.
  let width: Int
  private let channels: Int
  /// Those that are not masked.
  let rows: [Int]
  private let members: [[Int]]  // of rows: ordinals
  private let derivatives: [(ordinal: Int, values: [Double])]

  init(_ quantity: Quantity, _ problem: Problem, chunk: Int?, derivatives: [(Input, Tensor)]) {
    let shape = problem.shape
    let dimensions = quantity.shape(in: shape)
    let heads = [.dq, .dk].contains(quantity) ? shape.Hk : shape.Hv
    let isParameter = quantity == .dA_log || quantity == .ddt_bias
    let all = heads * (isParameter ? 1 : shape.B) * (quantity.isPerToken ? shape.T : 1)
    let width = all > 0 ? dimensions.reduce(1, *) / all : 0
    self.width = width
    channels = width > 1 ? dimensions.last ?? 1 : 1
    members = (0..<all).map { row in
      let own = [Direction.whole.ordinal, Direction.head(row % heads % Direction.period).ordinal]
      return quantity.isPerToken ? own + RowLayout.ordinals(of: row / heads % shape.T, shape.T, chunk) : own
    }
    let mask = quantity.isPerToken ? problem.mask : nil
    rows = (0..<all).filter { mask?.live[$0 / heads] ?? true }
    self.derivatives = derivatives.map { (Direction.gain($0).ordinal, $1.values) }
  }

  /// The directions of a token.
  private static func ordinals(of t: Int, _ T: Int, _ chunk: Int?) -> [Int] {
    var directions = [Direction.token(t % Direction.period), 2 * t < T ? .firstHalf : .secondHalf]
    if let chunk {
      if t % chunk == 0 { directions.append(.firstOfChunk) }
      if t % chunk == chunk - 1 || t == T - 1 { directions.append(.lastOfChunk) }
    }
    return directions.map(\.ordinal)
  }

  /// Sums over the elements of every direction, by their places.
  func sums(_ own: (Int) -> Double, derivative: (Int, Double) -> Double) -> [Double] {
    var sums = [Double](repeating: 0, count: Direction.all.count)
    let (lower, upper) = (Direction.lowerChannels.ordinal, Direction.upperChannels.ordinal)
    for row in rows {
      var (first, second) = (0.0, 0.0)
      for i in row * width..<(row + 1) * width {
        let term = own(i)
        if i % channels < (channels + 1) / 2 { first += term } else { second += term }
      }
      for ordinal in members[row] { sums[ordinal] += first + second }
      guard channels > 1 else { continue }
      sums[lower] += first
      sums[upper] += second
    }
    for (ordinal, d) in derivatives {
      var sum = 0.0
      for row in rows {
        for i in row * width..<(row + 1) * width { sum += derivative(i, d[i]) }
      }
      sums[ordinal] = sum
    }
    return sums
  }
}
