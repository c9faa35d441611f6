import GatedDeltaRule

/// The working memory of a sweep: allocated once, used by one head after the other.
final class SweepScratch {
  /// The decay of the token under work, [Dk], where all channels have one.
  let g: UnsafeMutablePointer<Double>
  /// What the token under work holds for each row.
  let v, dy: UnsafeMutablePointer<Rows>
  /// States of one segment, [slots, blocks, Dk]: slot 0 before its first token, slot i + 1 after token i.
  let history: UnsafeMutablePointer<Rows>
  /// States before each segment.
  let boundaries: UnsafeMutablePointer<Rows>
  /// The cotangent of the state, [blocks, Dk].
  let D: UnsafeMutablePointer<Rows>
  /// Chunked form: D with nothing erased since the end of the chunk.
  let X: UnsafeMutablePointer<Rows>
  /// Per slot and block: |s| and the bound on the error of s.
  let norm, error: UnsafeMutablePointer<Rows>
  /// Chunked form, the same: the terms that a row of the state is the sum of (see `Sweep.chunkTerms`).
  let A, L, m, W, U, N: UnsafeMutablePointer<Rows>
  /// The seven above, before each segment.
  let boundaryScalars: UnsafeMutablePointer<Rows>
  /// Per token of a segment and block: w, delta, and the errors of d, w and delta.
  let w, delta, errorOfD, errorOfW, errorOfDelta: UnsafeMutablePointer<Rows>
  /// The bound on the error of a row of D.
  let F: UnsafeMutablePointer<Rows>
  /// Chunked form: |D|, and the terms that a row of D is the sum of.
  let norm_D, whole_D, B, P, Z, Y: UnsafeMutablePointer<Rows>
  /// Sums over rows, [Dk] and as many as fill blocks of four, before the four lanes are added: gradients, and what
  /// their bounds need.
  let dq, dk, dg, absolute_dq, absolute_dk, absolute_dg, bound_dg: UnsafeMutablePointer<Rows>
  /// The part of dk that comes from the read, with its sign turned.
  let read_dk: UnsafeMutablePointer<Rows>
  /// Sums of the magnitudes of what dA_log and ddt_bias are sums of.
  let magnitudeOfA_log, magnitudeOfBias: UnsafeMutablePointer<Double>

  private let numbers: UnsafeMutablePointer<Double>
  private let rows: UnsafeMutablePointer<Rows>
  private let blocks: Int
  private let K: Int
  /// Dk in whole blocks of four.
  private let channels: Int

  init(_ shape: Shape, blocks: Int, segment: Int) {
    let K = shape.Dk
    let channels = (K + 3) / 4 * 4
    (self.blocks, self.K, self.channels) = (blocks, K, channels)
    let slots = min(segment, shape.T) + 1
    let segments = max(1, (shape.T + segment - 1) / segment)
    let kept = segments > 1 ? segments : 0

    let numberCounts = [K, shape.Hv, shape.Hv * shape.decayWidth]
    let numberTotal = numberCounts.reduce(0, +)
    numbers = .allocate(capacity: numberTotal)
    numbers.initialize(repeating: 0, count: numberTotal)
    var number = numbers
    func take(_ count: Int) -> UnsafeMutablePointer<Double> {
      defer { number += count }
      return number
    }
    g = take(K)
    (magnitudeOfA_log, magnitudeOfBias) = (take(shape.Hv), take(shape.Hv * shape.decayWidth))

    let state = blocks * K
    let zeroed = 9 * blocks + 8 * (slots + kept) * blocks + 5 * slots * blocks + 8 * channels
    let rowTotal = zeroed + (slots + kept + 2) * state
    rows = .allocate(capacity: rowTotal)
    var row = rows
    func takeRows(_ count: Int) -> UnsafeMutablePointer<Rows> {
      defer { row += count }
      return row
    }
    // The lanes past Dv, an absent dy, and the terms of chunks where there are none, stay zero. The states, most of
    // the memory, are written before they are read.
    rows.initialize(repeating: .zero, count: zeroed)
    (v, dy, F) = (takeRows(blocks), takeRows(blocks), takeRows(blocks))
    (norm_D, whole_D, B, P) = (takeRows(blocks), takeRows(blocks), takeRows(blocks), takeRows(blocks))
    (Z, Y) = (takeRows(blocks), takeRows(blocks))
    (norm, error) = (takeRows(slots * blocks), takeRows(slots * blocks))
    (A, L, m) = (takeRows(slots * blocks), takeRows(slots * blocks), takeRows(slots * blocks))
    (W, U, N) = (takeRows(slots * blocks), takeRows(slots * blocks), takeRows(slots * blocks))
    boundaryScalars = takeRows(8 * kept * blocks)
    (w, delta) = (takeRows(slots * blocks), takeRows(slots * blocks))
    (errorOfD, errorOfW) = (takeRows(slots * blocks), takeRows(slots * blocks))
    errorOfDelta = takeRows(slots * blocks)
    func takeSums() -> UnsafeMutablePointer<Rows> { takeRows(channels) }
    (dq, dk, absolute_dq, absolute_dk) = (takeSums(), takeSums(), takeSums(), takeSums())
    (read_dk, dg, absolute_dg, bound_dg) = (takeSums(), takeSums(), takeSums(), takeSums())
    (history, boundaries, D) = (takeRows(slots * state), takeRows(kept * state), takeRows(state))
    X = takeRows(state)
  }

  deinit {
    numbers.deallocate()
    rows.deallocate()
  }

  private var rowScalars: [UnsafeMutablePointer<Rows>] { [norm, error, A, L, m, W, U, N] }

  /// Makes what is known of the rows at `slot` that of slot 0.
  func carryRowScalars(from slot: Int) {
    for scalar in rowScalars { scalar.update(from: scalar + slot * blocks, count: blocks) }
  }

  /// Keeps slot 0 as the state before segment `s`; the last segment is not left before the way back.
  func keepBoundary(_ s: Int, of segments: Int) {
    guard s < segments - 1 else { return }
    (boundaries + s * blocks * K).update(from: history, count: blocks * K)
    for (i, scalar) in rowScalars.enumerated() {
      (boundaryScalars + (8 * s + i) * blocks).update(from: scalar, count: blocks)
    }
  }

  /// Makes the state before segment `s` slot 0 again.
  func restoreBoundary(_ s: Int) {
    history.update(from: boundaries + s * blocks * K, count: blocks * K)
    for (i, scalar) in rowScalars.enumerated() {
      scalar.update(from: boundaryScalars + (8 * s + i) * blocks, count: blocks)
    }
  }

  /// Empties the sums over rows for the next token: those of dq and dk, their bounds' and the rest, which lie in this
  /// order, as far as they are used.
  func clearSums(bounds: Bool, rest: Bool) {
    dq.update(repeating: .zero, count: (rest ? 8 : bounds ? 4 : 2) * channels)
  }
}
