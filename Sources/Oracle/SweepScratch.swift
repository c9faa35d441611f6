import GatedDeltaRule

/// The working memory of a sweep: allocated once, used by one head after the other.
final class SweepScratch {
  // The token under work: [Dk] each, and blocks of rows.
  let k, q, g, epsilon: UnsafeMutablePointer<Double>
  let v, dy: UnsafeMutablePointer<Rows>
  /// States of one segment, [slots, blocks, Dk]: slot 0 before its first token, slot i + 1 after token i.
  let history: UnsafeMutablePointer<Rows>
  /// States before each segment.
  let boundaries: UnsafeMutablePointer<Rows>
  /// The cotangent of the state, [blocks, Dk].
  let D: UnsafeMutablePointer<Rows>
  /// Per slot and block: |s| and the bound on the error of s.
  let norm, error: UnsafeMutablePointer<Rows>
  /// Chunked form: what a chunk adds up to a row of the state, without cancellation (see `Sweep+Chunk`).
  let reach: UnsafeMutablePointer<Rows>
  /// The same, before each segment.
  let boundaryNorm, boundaryError, boundaryReach: UnsafeMutablePointer<Rows>
  /// Per token of a segment and block: w, delta, errors of d, w and delta, and |s'| . |q|.
  let w, delta, errorOfD, errorOfW, errorOfDelta, magnitudeOfY: UnsafeMutablePointer<Rows>
  /// The bound on the error of a row of D; the row's norm; chunked form: what a chunk adds up to it.
  let F, normOfD, reachOfD: UnsafeMutablePointer<Rows>
  /// Sums over rows, [Dk], before the four lanes are added: gradients, and what their bounds need.
  let dq, dk, dg, absolute_dq, absolute_dk, absolute_dg, bound_dg: UnsafeMutablePointer<Rows>
  /// Sums of the magnitudes of what dA_log and ddt_bias are sums of.
  let magnitudeOfA_log, magnitudeOfBias: UnsafeMutablePointer<Double>

  private let numbers: UnsafeMutablePointer<Double>
  private let rows: UnsafeMutablePointer<Rows>
  private let blocks: Int
  private let K: Int

  init(_ shape: Shape, blocks: Int, segment: Int) {
    let K = shape.Dk
    (self.blocks, self.K) = (blocks, K)
    let slots = min(segment, shape.T) + 1
    let segments = max(1, (shape.T + segment - 1) / segment)
    let kept = segments > 1 ? segments : 0

    let numberCounts = [K, K, K, K, shape.Hv, shape.Hv * shape.decayWidth]
    let numberTotal = numberCounts.reduce(0, +)
    numbers = .allocate(capacity: numberTotal)
    numbers.initialize(repeating: 0, count: numberTotal)
    var number = numbers
    func take(_ count: Int) -> UnsafeMutablePointer<Double> {
      defer { number += count }
      return number
    }
    (k, q, g, epsilon) = (take(K), take(K), take(K), take(K))
    (magnitudeOfA_log, magnitudeOfBias) = (take(shape.Hv), take(shape.Hv * shape.decayWidth))

    let state = blocks * K
    let rowTotal =
      5 * blocks + (slots + kept + 1) * state + 3 * (slots + kept) * blocks + 6 * slots * blocks + 7 * K
    rows = .allocate(capacity: rowTotal)
    rows.initialize(repeating: .zero, count: rowTotal)
    var row = rows
    func takeRows(_ count: Int) -> UnsafeMutablePointer<Rows> {
      defer { row += count }
      return row
    }
    (v, dy, F) = (takeRows(blocks), takeRows(blocks), takeRows(blocks))
    (normOfD, reachOfD) = (takeRows(blocks), takeRows(blocks))
    (history, boundaries, D) = (takeRows(slots * state), takeRows(kept * state), takeRows(state))
    (norm, error) = (takeRows(slots * blocks), takeRows(slots * blocks))
    (boundaryNorm, boundaryError) = (takeRows(kept * blocks), takeRows(kept * blocks))
    (reach, boundaryReach) = (takeRows(slots * blocks), takeRows(kept * blocks))
    (w, delta) = (takeRows(slots * blocks), takeRows(slots * blocks))
    (errorOfD, errorOfW) = (takeRows(slots * blocks), takeRows(slots * blocks))
    (errorOfDelta, magnitudeOfY) = (takeRows(slots * blocks), takeRows(slots * blocks))
    (dq, dk, dg) = (takeRows(K), takeRows(K), takeRows(K))
    (absolute_dq, absolute_dk, absolute_dg, bound_dg) = (takeRows(K), takeRows(K), takeRows(K), takeRows(K))
  }

  deinit {
    numbers.deallocate()
    rows.deallocate()
  }

  /// Makes the norms and errors of `slot` those of slot 0.
  func carryRowScalars(from slot: Int) {
    norm.update(from: norm + slot * blocks, count: blocks)
    error.update(from: error + slot * blocks, count: blocks)
    reach.update(from: reach + slot * blocks, count: blocks)
  }

  /// Keeps slot 0 as the state before segment `s`; the last segment is not left before the way back.
  func keepBoundary(_ s: Int, of segments: Int) {
    guard s < segments - 1 else { return }
    (boundaries + s * blocks * K).update(from: history, count: blocks * K)
    (boundaryNorm + s * blocks).update(from: norm, count: blocks)
    (boundaryError + s * blocks).update(from: error, count: blocks)
    (boundaryReach + s * blocks).update(from: reach, count: blocks)
  }

  /// Makes the state before segment `s` slot 0 again.
  func restoreBoundary(_ s: Int) {
    history.update(from: boundaries + s * blocks * K, count: blocks * K)
    norm.update(from: boundaryNorm + s * blocks, count: blocks)
    error.update(from: boundaryError + s * blocks, count: blocks)
    reach.update(from: boundaryReach + s * blocks, count: blocks)
  }

  /// Empties the sums over rows for the next token.
  func clearSums() {
    dq.update(repeating: .zero, count: 7 * K)
  }
}
