import Dispatch
import GatedDeltaRule

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
  /// Whether there is a way back.
  let differentiates: Bool
  /// Whether the two terms of dk are wanted apart.
  let splitsKeyGradient: Bool
  let values: QuantityBuffers
  let bounds: QuantityBuffers
  let partials: PartialBuffers?
  let isModel: Bool
  /// Decay factors per token and head.
  let width: Int
  /// The largest magnitude met, in each lane.
  var largest = Rows.zero
  /// The same, of what is computed once per token.
  var largestOfToken = 0.0

  // Dimensions of one head.
  let K: Int
  let V: Int
  let groupSize: Int
  /// Blocks of four rows.
  let blocks: Int
  /// Live tokens of a segment.
  let segment = 64
  let scratch: SweepScratch
  /// What the problem holds.
  let inputs: SweepInputs

  // The token under work.
  var live: [Int] = []
  var b = 0
  var h = 0
  var t = 0
  /// Its index into [B, T, Hv], and that of its key and query into their tensors.
  var token = 0
  var key = 0
  /// [Dk] each: its key, its query, its decay and, per channel, eps_g.
  var k, q, g, epsilon: UnsafePointer<Double>
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
  /// What one operation of the chunked form may lose absolutely.
  let etaOfProducts: Double
  var reads = 0.0  // tokens of the chunk up to this one, and from it on
  var rest = 0.0
  var decayLog = 0.0  // max_j g_j (1 + |log g_j|)

  /// - Parameter sibling: another sweep over the same problem, whose results this one's heads belong to as well.
  init(
    _ problem: Problem, gates: GateTable, errors: GateErrors, inputs: SweepInputs, model: ErrorModel,
    gradients: Bool, sibling: Sweep? = nil
  ) {
    (self.problem, self.gates, self.errors, self.model) = (problem, gates, errors, model)
    (self.inputs, differentiates) = (inputs, gradients)
    shape = problem.shape
    (K, V, u, groupSize) = (shape.Dk, shape.Dv, model.u, shape.groupSize)
    blocks = (shape.Dv + 3) / 4
    isChunked = model.chunk != nil
    chunkLength = Double(min(model.chunk ?? 0, shape.T))
    (isModel, width, etaOfProducts) = (problem.level == .model, shape.decayWidth, model.etaOfProducts)
    values = sibling?.values ?? QuantityBuffers(problem)
    bounds = sibling?.bounds ?? (Mode.measures ? QuantityBuffers(problem) : values)
    partials = sibling?.partials ?? (Mode.measures ? PartialBuffers(shape, model) : nil)
    (ofOperand, splitsKeyGradient) = (model.ofOperand, Mode.measures && model.roundsShares)
    scratch = SweepScratch(shape, blocks: blocks, segment: segment)
    g = UnsafePointer(scratch.g)
    (k, q, epsilon) = (g, g, g)
  }

  /// Every head of a problem, on so many threads; what came of it is handed to `body`.
  static func run<Result>(
    _ problem: Problem, gates: GateTable, errors: GateErrors, model: ErrorModel, gradients: Bool = true,
    threads: Int, _ body: (Sweep) -> Result
  ) -> Result {
    SweepInputs.with(problem) { inputs in
      let sweep = Sweep(
        problem, gates: gates, errors: errors, inputs: inputs, model: model, gradients: gradients)
      sweep.run(threads: threads)
      return body(sweep)
    }
  }

  /// A key head's value heads stay together, since they add to one gradient.
  private func run(threads: Int) {
    let shares = max(1, min(threads, shape.Hk))
    let Hk = shape.Hk
    guard shares > 1 else { return run(keyHeads: 0..<Hk) }
    let sweeps =
      [self]
      + (1..<shares).map { _ in
        Sweep(
          problem, gates: gates, errors: errors, inputs: inputs, model: model, gradients: differentiates,
          sibling: self)
      }
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
    if Mode.measures, differentiates { boundSums(of: heads) }
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
    guard differentiates else { return }
    loadCotangent()
    for s in (0..<segments).reversed() {
      if s < segments - 1 {
        scratch.restoreBoundary(s)
        advance(segment: s)
      }
      for i in tokens(of: s).reversed() {
        if Mode.measures, startsChunk(i + 1) { endChunk() }
        load(token: live[i])
        if let dy = inputs.dy { load(dy, into: scratch.dy) }
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
      load(inputs.v, into: scratch.v)
      advance(slot: i - s * segment)
    }
  }

  /// Finds the vectors of token `t` for this head.
  private func load(token t: Int) {
    self.t = t
    let row = b * shape.T + t
    token = row * shape.Hv + h
    key = (row * shape.Hk + h / groupSize) * K
    (k, q) = (inputs.k.baseAddress! + key, inputs.q.baseAddress! + key)
    beta = gates.beta[token]
    let gate = token * width
    if Mode.perChannel {
      g = UnsafePointer(gates.g.baseAddress! + gate)
    } else {
      scratch.g.update(repeating: gates.g[gate], count: K)
    }
    if Mode.measures { measureToken(gate: gate) }
  }

  /// Brings what the token holds for each row into blocks; the lanes past Dv stay zero.
  private func load(_ values: SweepInputs.Numbers, into rows: UnsafeMutablePointer<Rows>) {
    let (ofToken, whole) = (values.baseAddress! + token * V, V / 4)
    for n in 0..<whole { rows[n] = UnsafeRawPointer(ofToken + n * 4).loadUnaligned(as: Rows.self) }
    for lane in 0..<V - whole * 4 { rows[whole][lane] = ofToken[whole * 4 + lane] }
  }

  private func measureToken(gate: Int) {
    var (kk, qq) = (0.0, 0.0)
    let (k, q) = (k, q)
    for j in 0..<K {
      kk += k[j] * k[j]
      qq += q[j] * q[j]
    }
    (keyNorm, queryNorm) = (kk.squareRoot(), qq.squareRoot())
    write = errors.write[token]
    (largestDecay, decayError) = (gates.g[gate], errors.decay[gate])
    growth = largestDecay * (1 + decayError)
    if Mode.perChannel {
      epsilon = UnsafePointer(errors.decay.baseAddress! + gate)
      for j in 0..<K {
        largestDecay = max(largestDecay, g[j])
        growth = max(growth, g[j] * (1 + epsilon[j]))
      }
    }
    if isChunked {
      decayLog = decayTimesLog()
      let (length, place) = (model.chunk ?? 1, t % (model.chunk ?? 1))
      reads = min(Double(place + 1), chunkLength)
      rest = min(Double(length) - Double(place), chunkLength)
    }
    // The 2-norm of I - beta k k^T as an implementation has it: its beta is off by eps_beta.
    rho = max(1, (1 - beta * kk).magnitude + write * beta.magnitude * kk)
  }

  /// Rounding of the sums over batch rows and tokens, of as many terms as there are.
  private func boundSums(of heads: Range<Int>) {
    guard isModel else { return }
    let tokens = problem.mask.map { $0.live.count { $0 } } ?? shape.B * shape.T
    let terms = Double(tokens)
    let (A_log, ddt) = (bounds.dA_log, bounds.ddt_bias)
    for h in heads {
      let n = terms * Double(width)
      A_log[h] += n * (u * scratch.magnitudeOfA_log[h] + ErrorModel.eta)
      for i in h * width..<(h + 1) * width {
        ddt[i] += terms * (u * scratch.magnitudeOfBias[i] + ErrorModel.eta)
      }
    }
  }
}
