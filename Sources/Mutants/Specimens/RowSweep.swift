import GatedDeltaRule

/// The recurrence and its adjoint, one head and a tile of state rows at a time.
///
///     s~ = g s,  e = v - <s~, k>,  delta = beta e,  s' = s~ + delta k,  y = <s', q>
///
/// History is kept for a segment of tokens; where there are several segments, the reverse pass recomputes each from
/// the state at its boundary.
struct RowSweep<R: Scalar> {
  let sample: Sample<R>
  let fault: Fault?
  let tile: Int
  private(set) var answer: Answer<R>
  private let segment: Int
  private let segments: Int
  /// States of the tile, [segment + 1, tile, Dk]: before each token of the segment and after the last.
  private var history: [R]
  /// States at the boundaries, [segments, tile, Dk].
  private var boundaries: [R]
  /// Cotangent of the state, [tile, Dk].
  private var D: [R]

  init(_ sample: Sample<R>, tile: Int?, segment: Int?) {
    let shape = sample.shape
    (self.sample, fault, answer) = (sample, sample.fault, Answer(shape))
    self.tile = tile ?? shape.Dv
    self.segment = max(1, segment ?? shape.T)
    segments = max(1, (shape.T + self.segment - 1) / self.segment)
    let size = self.tile * shape.Dk
    history = [R](repeating: 0, count: (self.segment + 1) * size)
    boundaries = [R](repeating: 0, count: segments * size)
    D = [R](repeating: 0, count: size)
  }

  /// Some rows of one head's state.
  struct Place {
    let b, h, first, count: Int
  }

  mutating func run(gradients: Bool) {
    let shape = sample.shape
    for b in 0..<shape.B {
      for h in 0..<shape.Hv {
        for first in stride(from: 0, to: shape.Dv, by: tile) {
          let place = Place(b: b, h: h, first: first, count: min(tile, shape.Dv - first))
          forward(place)
          if gradients { reverse(place) }
        }
      }
    }
  }

  private func tokens(of s: Int) -> Range<Int> {
    s * segment..<min((s + 1) * segment, max(sample.shape.T, s * segment))
  }

  // MARK: forward

  private mutating func forward(_ place: Place) {
    let (K, size) = (sample.shape.Dk, tile * sample.shape.Dk)
    let offset = sample.stateOffset(place.b, place.h) + place.first * K
    for i in 0..<place.count * K { history[i] = sample.state[offset + i] }
    if fault == .batchLeak, place.b > 0 {
      let previous = sample.stateOffset(place.b - 1, place.h) + place.first * K
      for i in 0..<place.count * K { history[i] += answer.state[previous + i] }
    }
    var last = 0
    for s in 0..<segments {
      for i in 0..<size { boundaries[s * size + i] = kept(history[last * size + i]) }
      for i in 0..<size { history[i] = history[last * size + i] }
      last = advance(place, tokens(of: s))
    }
    for i in 0..<place.count * K { answer.state[offset + i] = history[last * size + i] }
  }

  /// A state as a boundary keeps it.
  private func kept(_ x: R) -> R { fault == .boundaryBF16 ? x.rounded(to: .bf16) : x }

  /// Tokens from history[0] on; returns where the state after them is.
  private mutating func advance(_ place: Place, _ tokens: Range<Int>) -> Int {
    for t in tokens { step(place, t, t - tokens.lowerBound) }
    return tokens.count
  }

  private mutating func step(_ place: Place, _ t: Int, _ n: Int) {
    let (K, W) = (sample.shape.Dk, sample.shape.decayWidth)
    let old = n * tile * K
    let new = old + tile * K
    guard sample.advances[place.b * sample.shape.T + t] else {
      for i in 0..<tile * K { history[new + i] = history[old + i] }
      return
    }
    let row = sample.row(place.b, t, place.h)
    let key = sample.key(place.b, t, place.h)
    let columns =
      switch fault {
      case .lanesTruncated where K > 4: K - K % 4
      case .wideKeysTruncated: min(K, 64)
      default: K
      }
    for i in 0..<place.count {
      let (s, next) = (old + i * K, new + i * K)
      var prediction: R = 0
      for j in 0..<columns {
        let decayed = history[s + j] * sample.g[row * W + (W == 1 ? 0 : j)]
        history[next + j] = decayed
        prediction += (fault == .predictionBeforeDecay ? history[s + j] : decayed) * readKey(key + j)
      }
      if fault == .correctionSkippedAtGateOne && sample.g[row * W] == 1 { prediction = 0 }
      let value = row * sample.shape.Dv + place.first + i
      let delta = sample.beta[row] * residual(sample.v[value], prediction)
      var y: R = 0
      for j in 0..<columns {
        let before = history[next + j]
        let written = delta * sample.k[key + j]
        history[next + j] +=
          fault == .decayOfUpdate ? sample.g[row * W + (W == 1 ? 0 : j)] * written : written
        if fault == .stateBF16 { history[next + j] = history[next + j].rounded(to: .bf16) }
        y += (fault == .readBeforeWrite ? before : history[next + j]) * sample.q[key + j]
      }
      answer.y[value] = y
    }
  }

  /// v - S k.
  private func residual(_ v: R, _ prediction: R) -> R {
    guard fault == .residualBF16 else { return v - prediction }
    return (v - prediction.rounded(to: .bf16)).rounded(to: .bf16)
  }

  /// The key as the prediction reads it.
  private func readKey(_ index: Int) -> R {
    fault == .keysInTensorFloat ? sample.k[index].asTensorCoreOperand : sample.k[index]
  }

  // MARK: backward

  private mutating func reverse(_ place: Place) {
    let (K, size) = (sample.shape.Dk, tile * sample.shape.Dk)
    let offset = sample.stateOffset(place.b, place.h) + place.first * K
    for i in 0..<place.count * K {
      let given = sample.dstate[offset + i]
      D[i] = fault == .scratchOfPreviousHead ? D[i] + given : given
    }
    for s in (0..<segments).reversed() {
      if s < segments - 1 {
        let source = fault == .recomputedFromWrongBoundary ? max(0, s - 1) : s
        for i in 0..<size { history[i] = boundaries[source * size + i] }
        _ = advance(place, tokens(of: s))
        if fault == .cotangentDroppedAtSegments { for i in 0..<size { D[i] = 0 } }
      } else if fault == .boundaryBF16 {
        for i in 0..<size { history[i] = boundaries[s * size + i] }
      }
      for t in tokens(of: s).reversed() { reverse(place, t, t - s * segment) }
    }
    for i in 0..<place.count * K { answer.dstate[offset + i] = D[i] }
  }

  /// One token. D enters as the cotangent of the state after it and leaves as that of the state before:
  ///
  ///     D += dy q;  h = <D, k>;  dq = S'^T dy;  dv = beta h;  dbeta = <h, e>
  ///     dk = D^T delta - beta S~^T h;  D -= beta h k;  dg = <D, S>;  D *= g
  private mutating func reverse(_ place: Place, _ t: Int, _ n: Int) {
    let (K, W) = (sample.shape.Dk, sample.shape.decayWidth)
    let row = sample.row(place.b, t, place.h)
    let key = sample.key(place.b, t, place.h)
    let (old, new) = (n * tile * K, (n + 1) * tile * K)
    guard sample.reverses[place.b * sample.shape.T + t] else {
      if fault == .maskedCotangentFlows { addReadout(place, row, key) }
      return
    }
    beginToken(place, row, key)
    var rows = Array(0..<place.count)
    if fault == .sumBackwards { rows.reverse() }
    for i in rows {
      let (s, next, d) = (old + i * K, new + i * K, i * K)
      let value = row * sample.shape.Dv + place.first + i
      let dy = sample.dy[value]
      var (prediction, h, h0): (R, R, R) = (0, 0, 0)
      for j in 0..<K {
        h0 += D[d + j] * sample.k[key + j]
        let query = fault == .slabReused && j >= 4 ? j - 4 : j
        D[d + j] += dy * sample.q[key + query]
        h += D[d + j] * sample.k[key + j]
        let decayed = before(s + j, t) * sample.g[row * W + (W == 1 ? 0 : j)]
        prediction += (fault == .betaGradientUndecayed ? before(s + j, t) : decayed) * sample.k[key + j]
      }
      if fault == .deltaCotangentWithoutOutput { h = h0 }
      let error = sample.v[value] - prediction
      let (delta, write) = (sample.beta[row] * error, sample.beta[row] * h)
      answer.dv[value] = fault == .valueGradientWithoutBeta ? h : write
      let isDropped = fault == .partialTileDropped && place.count < tile
      let isPastGroupOfFour = fault == .groupOfFour && place.h % sample.shape.groupSize > 3
      if !isDropped { answer.dbeta[row] += h * error }
      for j in 0..<K {
        let decay = sample.g[row * W + (W == 1 ? 0 : j)]
        let g = row * W + (W == 1 ? 0 : j)
        if !isDropped && !isPastGroupOfFour {
          answer.dq[key + j] +=
            dy * (fault == .queryGradientFromOldState ? before(s + j, t) : history[next + j])
          if fault != .keyGradientWithoutWrite { answer.dk[key + j] += D[d + j] * delta }
          if fault != .keyGradientWithoutRead { answer.dk[key + j] -= before(s + j, t) * decay * write }
        }
        D[d + j] -= write * sample.k[key + j]
        let state = fault == .decayGradientFromNewState ? history[next + j] : before(s + j, t)
        if !isDropped { answer.dg[g] += D[d + j] * state }
        if !(fault == .stateGradientUndecayed && t == 0) { D[d + j] *= decay }
      }
    }
    if fault == .decayGradientBaseTwo && place.first + place.count == sample.shape.Dv {
      for j in 0..<W { answer.dg[row * W + j] *= 0.6931471805599453 }
    }
  }

  /// What is added up over rows and heads starts from what is there already.
  private mutating func beginToken(_ place: Place, _ row: Int, _ key: Int) {
    let (K, W) = (sample.shape.Dk, sample.shape.decayWidth)
    let isFirstTile = place.first == 0
    if fault == .betaGradientOfLastTile { answer.dbeta[row] = 0 }
    if fault == .decayGradientOfLastTile { for j in 0..<W { answer.dg[row * W + j] = 0 } }
    let startsOver =
      switch fault {
      case .groupKeepsLastHead: isFirstTile
      case .groupMissesHead: isFirstTile && place.h % sample.shape.groupSize == 1
      default: false
      }
    if startsOver {
      for j in 0..<K { (answer.dq[key + j], answer.dk[key + j]) = (0, 0) }
    }
  }

  /// The state before a token.
  private func before(_ index: Int, _ t: Int) -> R {
    fault == .backwardFromZeroState && t == 0 ? 0 : history[index]
  }

  private mutating func addReadout(_ place: Place, _ row: Int, _ key: Int) {
    let K = sample.shape.Dk
    for i in 0..<place.count {
      for j in 0..<K {
        D[i * K + j] += sample.dy[row * sample.shape.Dv + place.first + i] * sample.q[key + j]
      }
    }
  }
}
