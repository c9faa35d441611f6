import GatedDeltaRule

/// The past does not depend on the future, nor, in the reverse sweep, the future on the past.
///
/// A chunked form that masks the later tokens of a chunk before any arithmetic moves no bit: what it adds is zero. One
/// that forms e^(c_i - c_j) as e^(c_i - a) e^(a - c_j), c the running sum of log g and the anchor a its value at a later
/// row, moves by roundings, and loses everything where that row forgets all: e^(c_i - a) overflows. What follows is
/// therefore made to forget all now and then, which no earlier result may notice.
extension Property {
  /// y_s, s <= t, is a function of S_0 and the tokens up to t. Up to: nothing if that is promised; else it is counted how
  /// many elements move, unless they move for a mere repetition too.
  static let prefix = Property("prefix", .cheap, unless: oneToken) { runs, tally in
    let exactly = runs.exactness.contains(.prefix)
    let future = Future(of: runs)
    var other = Draft(runs.problem)
    future.change(&other)
    // Where asking for no gradients may change bits, that is no matter of the future.
    let gradients = !runs.exactness.contains(.inference)
    let found = try runs.run(other, bounded: !exactly, gradients: gradients).selecting(.T, future.past)
    let base = try runs.base(bounded: !exactly).selecting(.T, future.past)
    let past = try runs.legal(future.cut(runs.problem))
    tally.compare(found, with: base, [.y], exactly: exactly, in: past)
    if !exactly {
      try tally.countMoved(found, from: base, [.y], in: past) {
        try runs.again(bounded: false, gradients: gradients).selecting(.T, future.past)
      }
    }
  }

  /// Where dy is zero after t and dS_T is zero the loss is a function of the tokens up to t: their gradients, and that of
  /// S_0, do not depend on the tokens after t, whose own gradients are zero. Up to: nothing if that is promised.
  static let prefixGradients = Property("prefix-gradients", .dear, unless: oneTokenOrNoReadout) {
    runs, tally in
    let exactly = runs.exactness.contains(.prefix)
    let future = Future(of: runs)
    var one = Draft(runs.problem)
    one[.dstateOut] = nil
    for t in future.tokens { one.fill(.dy, t: t) { 0 } }
    var other = one
    future.change(&other)
    let (base, found) = (try runs.run(one, bounded: !exactly), try runs.run(other, bounded: !exactly))
    tally.compare(
      found.selecting(.T, future.past), with: base.selecting(.T, future.past), gradients, exactly: exactly,
      in: try runs.legal(future.cut(runs.problem)))
    let unread = base.selecting(.T, future.tokens)
    tally.compare(
      unread, with: unread.scaled(ofTokens, by: 0), ofTokens, exactly: exactly,
      in: try runs.legal(future.rest(runs.problem)))
  }

  /// The reverse sweep comes to the tokens after t before it has read dy up to t: their gradients do not depend on it.
  /// Up to: nothing if that is promised.
  static let suffixGradients = Property("suffix-gradients", .cheap, unless: oneToken) { runs, tally in
    let exactly = runs.exactness.contains(.prefix)
    let future = Future(of: runs)
    var other = Draft(runs.problem)
    if other[.dy] == nil { other[.dy] = other.zeros(.dy) }
    for t in future.past { other.fill(.dy, t: t) { runs.draw.eighth() } }
    let base = try runs.base(bounded: !exactly).selecting(.T, future.tokens)
    let found = try runs.run(other, bounded: !exactly).selecting(.T, future.tokens)
    tally.compare(
      found, with: base, ofTokens, exactly: exactly, in: try runs.legal(future.rest(runs.problem)))
  }

  private static let gradients = Quantity.allCases.filter { $0.isGradient }
  private static let ofTokens = gradients.filter { $0.isPerToken }

  @Sendable private static func oneToken(_ problem: Problem) -> String? {
    problem.shape.T < 2 ? "fewer than two tokens" : nil
  }

  @Sendable private static func oneTokenOrNoReadout(_ problem: Problem) -> String? {
    oneToken(problem) ?? (problem.cotangents.y == nil ? "no cotangent of y" : nil)
  }
}
