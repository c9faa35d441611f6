import GatedDeltaRule

/// The decay inside a chunk with a factor for every key channel n, from the running sums c of log g. With a the first row
/// of the sub-block that row i lies in, its anchor:
///
///     Gamma_ijn = exp(c_in - c_jn)                        i and j in one sub-block, j <= i
///     Gamma_ijn = exp(c_in - c_an) exp(c_an - c_jn)       j before it
///     fromStart_in = exp(c_in),   toEnd_in = exp(c_last n - c_in),   whole_n = exp(c_last n)
struct ChannelDecay<R: Scalar> {
  let fromStart: Matrix<R>, toEnd: Matrix<R>  // [L, Dk]
  let whole: [R]
  private let c: Matrix<R>
  private let subBlock: Int
  private let fault: Fault?

  init(_ g: Matrix<R>, subBlock: Int, _ fault: Fault?) {
    var c = Matrix(g.rows, g.columns) { R.log(g[$0, $1]) }
    if fault != .backwardWithoutRunningSum {
      for i in 1..<max(g.rows, 1) { c.add(1, c, i - 1, to: i) }
    }
    let (sums, last) = (c, g.rows - 1)
    fromStart = Matrix(g.rows, g.columns) { R.exp(sums[$0, $1]) }
    toEnd = Matrix(g.rows, g.columns) { i, n in
      let factor = R.exp(sums[last, n] - sums[i, n])
      return fault == .updateGatedTwice ? factor * factor : factor
    }
    whole = (0..<g.columns).map { fault == .lastDecayOnly ? g[last, $0] : R.exp(sums[last, $0]) }
    (self.c, self.subBlock, self.fault) = (sums, subBlock, fault)
  }

  /// Gamma_ijn; 0 above the diagonal.
  func factor(_ i: Int, _ j: Int, _ channel: Int) -> R {
    let anchor = i / subBlock * subBlock
    let isInside = j >= anchor
    var n = channel
    switch fault {
    case .channelOfNeighbour where !isInside: n = (channel + 1) % c.columns
    case .channelOfFirst where isInside: n = 0
    default: break
    }
    if fault == .maskAfterExponential { return R.exp(c[i, n] - c[j, n]) * (j <= i ? 1 : 0) }
    guard j <= i else { return 0 }
    switch fault {
    case .exponentialsFactored: return R.exp(c[i, n]) * R.exp(-c[j, n])
    case .anchorInFuture:
      let later = min(anchor + subBlock, c.rows) - 1
      return R.exp(c[i, n] - c[later, n]) * R.exp(c[later, n] - c[j, n])
    case .anchorOfNeighbour where !isInside:
      return R.exp(c[i, n] - c[anchor, n]) * R.exp(c[anchor - subBlock, n] - c[min(j, anchor - subBlock), n])
    default:
      return isInside
        ? R.exp(c[i, n] - c[j, n]) : R.exp(c[i, n] - c[anchor, n]) * R.exp(c[anchor, n] - c[j, n])
    }
  }

  /// What rows past the end of a partial chunk add: their running sum reads as 0, and they are cleared only afterwards.
  func past(_ n: Int) -> R {
    (0..<c.rows).reduce(R.zero) { $0 + R.exp(-c[$1, n]) * 0 }
  }
}
