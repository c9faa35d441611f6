import Dispatch
import GatedDeltaRule

/// What a sweep does beside computing the numbers, known to the compiler.
protocol SweepMode {
  /// Carry error bounds beside the numbers.
  static var measures: Bool { get }
  /// One decay factor per key channel.
  static var perChannel: Bool { get }
}

/// A mode without bounds.
protocol NumbersOnly: SweepMode {}

extension NumbersOnly {
  static var measures: Bool { false }
}

enum Plain: NumbersOnly {
  static var perChannel: Bool { false }
}

enum PlainPerChannel: NumbersOnly {
  static var perChannel: Bool { true }
}

enum Measured: SweepMode {
  static var measures: Bool { true }
  static var perChannel: Bool { false }
}

enum MeasuredPerChannel: SweepMode {
  static var measures: Bool { true }
  static var perChannel: Bool { true }
}

/// One pass forward and one back over every head, in Double: the numbers and, if measured, their bounds.
///
/// The pass runs over the live tokens only: a masked token does not exist here, so nothing it holds can leak.
/// States are kept at the boundaries of segments; the way back recomputes one segment at a time. The last one
/// still stands when the way back begins, so that short problems recompute nothing.
final class Sweep<Mode: SweepMode> {
  let problem: Problem
  let shape: Shape
  let gates: GateTable
  let errors: GateErrors
  let model: ErrorModel
  /// u of the arithmetic that is bounded.
  let u: Double
  /// What rounding an operand of a product to a coarser format costs.
  let ofOperand: Double
  /// Whether the two terms of dk are wanted apart.
  let splitsKeyGradient: Bool
  let values: QuantityBuffers
  let bounds: QuantityBuffers
  let partials: PartialBuffers?
  /// The largest magnitude met, in each lane.
  var largest = Rows.zero
  /// The same, of what is computed once per token.
  var largestOfToken = 0.0

  // Dimensions of one head.
  let K: Int
  let V: Int
  /// Blocks of four rows.
  let blocks: Int
  /// Live tokens of a segment.
  let segment = 64
  let scratch: SweepScratch

  // The token under work.
  var live: [Int] = []
  var b = 0
  var h = 0
  var t = 0
  var beta = 0.0
  var write = 0.0  // eps_beta
  var keyNorm = 0.0
  var queryNorm = 0.0
  var largestDecay = 0.0
  var decayError = 0.0  // eps_g of a scalar decay
  var growth = 0.0  // max_j g_j (1 + eps_gj)
  var rho = 1.0
  /// Chunked form: the crossing terms of the tokens from here to the end of the chunk.
  var crossing = 0.0
  let isChunked: Bool
  let chunkLength: Double  // tokens of a chunk, at most T
  var decayLog = 0.0  // max_j g_j (1 + |log g_j|)

  /// - Parameter sibling: another sweep over the same problem, whose results this one's heads belong to as well.
  init(
    _ problem: Problem, gates: GateTable, errors: GateErrors, model: ErrorModel, sibling: Sweep? = nil
  ) {
    (self.problem, self.gates, self.errors, self.model) = (problem, gates, errors, model)
    shape = problem.shape
    (K, V, u) = (shape.Dk, shape.Dv, model.u)
    blocks = (shape.Dv + 3) / 4
    isChunked = model.chunk != nil
    chunkLength = Double(min(model.chunk ?? 0, shape.T))
    values = sibling?.values ?? QuantityBuffers(shape, level: problem.level)
    bounds = sibling?.bounds ?? (Mode.measures ? QuantityBuffers(shape, level: problem.level) : values)
    partials = sibling?.partials ?? (Mode.measures ? PartialBuffers(shape, model) : nil)
    (ofOperand, splitsKeyGradient) = (model.ofOperand, Mode.measures && model.roundsShares)
    scratch = SweepScratch(shape, blocks: blocks, segment: segment)
  }

  /// Numbers only.
  convenience init(_ problem: Problem, gates: GateTable) where Mode: NumbersOnly {
    self.init(problem, gates: gates, errors: .none, model: .plain)
  }

  /// Every head, on so many threads; a key head's value heads stay together, since they add to one gradient.
  func run(threads: Int = 1) {
    let shares = max(1, min(threads, shape.Hk))
    let sweeps =
      [self]
      + (1..<shares).map { _ in Sweep(problem, gates: gates, errors: errors, model: model, sibling: self) }
    let Hk = shape.Hk
    nonisolated(unsafe) let shared = sweeps
    DispatchQueue.concurrentPerform(iterations: shares) { i in
      shared[i].run(keyHeads: Hk * i / shares..<Hk * (i + 1) / shares)
    }
    for sweep in sweeps {
      largest = largest.maximum(sweep.largest)
      largestOfToken = max(largestOfToken, sweep.largestOfToken)
    }
  }

  private func run(keyHeads: Range<Int>) {
    let heads = keyHeads.lowerBound * shape.groupSize..<keyHeads.upperBound * shape.groupSize
    for b in 0..<shape.B {
      self.b = b
      live = (0..<shape.T).filter { problem.isLive(b, $0) }
      for h in heads {
        self.h = h
        head()
      }
    }
    if Mode.measures { boundSums(of: heads) }
  }

  /// Forward by segments, then back by segments.
  private func head() {
    let slot = blocks * K
    let history = scratch.history
    let segments = max(1, (live.count + segment - 1) / segment)
    loadState()
    for s in 0..<segments {
      if s > 0 {
        history.update(from: history + segment * slot, count: slot)
        scratch.carryRowScalars(from: segment)
      }
      scratch.keepBoundary(s, of: segments)
      advance(segment: s)
    }
    storeState(slot: live.count - (segments - 1) * segment)
    loadCotangent()
    for s in (0..<segments).reversed() {
      if s < segments - 1 {
        scratch.restoreBoundary(s)
        advance(segment: s)
      }
      for i in tokens(of: s).reversed() {
        if Mode.measures, startsChunk(i + 1) { endChunk() }
        load(token: live[i])
        retreat(slot: i - s * segment)
      }
    }
    storeStateGradient()
  }

  /// Roundings of what is stored between products.
  var stored: Double { max(u, ofOperand) }

  /// Roundings of a sum of `n` products: of every term and partial sum, and of both operands if they are coarser.
  func ofProducts(_ n: Double) -> Double { n * u + 2 * ofOperand }

  private func tokens(of s: Int) -> Range<Int> { s * segment..<min((s + 1) * segment, live.count) }

  private func advance(segment s: Int) {
    for i in tokens(of: s) {
      if Mode.measures, startsChunk(i) { startChunk(slot: i - s * segment) }
      load(token: live[i])
      advance(slot: i - s * segment)
    }
  }

  /// Index of the token into [B, T, Hv].
  var token: Int { (b * shape.T + t) * shape.Hv + h }

  /// Brings the vectors of token `t` for this head next to each other.
  private func load(token t: Int) {
    self.t = t
    let primals = problem.primals
    let key = ((b * shape.T + t) * shape.Hk + h / shape.groupSize) * K
    let value = token * V
    for j in 0..<K {
      scratch.k[j] = primals.k.values[key + j]
      scratch.q[j] = primals.q.values[key + j]
    }
    let lanes = UnsafeMutableRawPointer(scratch.v).assumingMemoryBound(to: Double.self)
    let cotangentLanes = UnsafeMutableRawPointer(scratch.dy).assumingMemoryBound(to: Double.self)
    for i in 0..<V { lanes[i] = primals.v.values[value + i] }
    if let dy = problem.cotangents.y {
      for i in 0..<V { cotangentLanes[i] = dy.values[value + i] }
    }
    beta = gates.beta[token]
    let gate = token * gates.width
    for j in 0..<K { scratch.g[j] = gates.g[Mode.perChannel ? gate + j : gate] }
    if Mode.measures { measureToken(gate: gate) }
  }

  private func measureToken(gate: Int) {
    var (kk, qq) = (0.0, 0.0)
    for j in 0..<K {
      kk += scratch.k[j] * scratch.k[j]
      qq += scratch.q[j] * scratch.q[j]
    }
    (keyNorm, queryNorm) = (kk.squareRoot(), qq.squareRoot())
    write = errors.write[token]
    (largestDecay, decayError) = (gates.g[gate], errors.decay[gate])
    growth = largestDecay * (1 + decayError)
    if Mode.perChannel {
      for j in 0..<K {
        let (g, epsilon) = (gates.g[gate + j], errors.decay[gate + j])
        largestDecay = max(largestDecay, g)
        growth = max(growth, g * (1 + epsilon))
        scratch.epsilon[j] = epsilon
      }
    }
    if isChunked { decayLog = decayTimesLog() }
    // The 2-norm of I - beta k k^T as an implementation has it: its beta is off by eps_beta.
    rho = max(1, (1 - beta * kk).magnitude + write * beta.magnitude * kk)
  }

  private func loadState() {
    let lanes = UnsafeMutableRawPointer(scratch.history).assumingMemoryBound(to: Double.self)
    transpose(problem.primals.state, into: lanes)
    guard Mode.measures else { return }
    for n in 0..<blocks {
      var square = Rows.zero
      for j in 0..<K {
        let s = scratch.history[n * K + j]
        square += s * s
      }
      scratch.norm[n] = square.squareRoot()
      scratch.error[n] = .zero
      (scratch.A[n], scratch.L[n], scratch.m[n]) = (.zero, .zero, .zero)
      (scratch.W[n], scratch.U[n]) = (.zero, .zero)
    }
  }

  private func loadCotangent() {
    let lanes = UnsafeMutableRawPointer(scratch.D).assumingMemoryBound(to: Double.self)
    transpose(problem.cotangents.state, into: lanes)
    for n in 0..<blocks {
      var square = Rows.zero
      for j in 0..<K { square += scratch.D[n * K + j] * scratch.D[n * K + j] }
      scratch.norm_D[n] = square.squareRoot()
      (scratch.F[n], scratch.B[n], scratch.P[n], scratch.whole_D[n]) = (.zero, .zero, .zero, .zero)
      scratch.Z[n] = .zero
    }
  }

  /// From [B, Hv, Dv, Dk] to blocks of four rows side by side; the rows past Dv stay zero.
  private func transpose(_ state: Tensor?, into lanes: UnsafeMutablePointer<Double>) {
    let base = (b * shape.Hv + h) * V * K
    for i in 0..<blocks * 4 {
      for j in 0..<K {
        lanes[((i / 4) * K + j) * 4 + i % 4] = i < V ? state?.values[base + i * K + j] ?? 0 : 0
      }
    }
  }

  private func storeState(slot: Int) {
    let base = (b * shape.Hv + h) * V * K
    for i in 0..<V {
      let (n, lane) = (i / 4, i % 4)
      for j in 0..<K {
        values.stateOut[base + i * K + j] = scratch.history[(slot * blocks + n) * K + j][lane]
        if Mode.measures {
          let row = slot * blocks + n
          bounds.stateOut[base + i * K + j] = (scratch.error[row] + endOfChunk(row: row))[lane]
        }
      }
    }
  }

  private func storeStateGradient() {
    let base = (b * shape.Hv + h) * V * K
    for i in 0..<V {
      let (n, lane) = (i / 4, i % 4)
      for j in 0..<K {
        values.dstateIn[base + i * K + j] = scratch.D[n * K + j][lane]
        if Mode.measures {
          bounds.dstateIn[base + i * K + j] = (scratch.F[n] + endOfChunkBackward(block: n))[lane]
        }
      }
    }
  }

  /// Rounding of the sums over batch rows and tokens, of as many terms as there are.
  private func boundSums(of heads: Range<Int>) {
    guard problem.level == .model else { return }
    let tokens = problem.mask.map { $0.live.count { $0 } } ?? shape.B * shape.T
    let terms = Double(tokens)
    let (A_log, ddt) = (bounds.dA_log, bounds.ddt_bias)
    for h in heads {
      let n = terms * Double(gates.width)
      A_log[h] += n * (u * scratch.magnitudeOfA_log[h] + ErrorModel.eta)
      for i in h * gates.width..<(h + 1) * gates.width {
        ddt[i] += terms * (u * scratch.magnitudeOfBias[i] + ErrorModel.eta)
      }
    }
  }
}
