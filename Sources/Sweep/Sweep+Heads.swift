import Dispatch
import GatedDeltaRule

/// The order of the pass: key heads over threads, batch rows, value heads, and in each of these segments of tokens
/// forward and back.
extension Sweep {
  /// Every head of a problem, on so many threads; what came of it is handed to `body`. `stateErrors`: see `Sweep`.
  static func run<Result>(
    _ problem: Problem, gates: GateTable, errors: GateErrors, model: ErrorModel, gradients: Bool = true,
    threads: Int, stateErrors: [Double] = [], _ body: (Sweep) -> Result
  ) -> Result {
    let layer = QueryKeyLayer(problem)
    return SweepInputs.with(problem, layer) { inputs in
      let sweep = Sweep(
        problem, gates: gates, errors: errors, inputs: inputs, model: model, layer: layer,
        gradients: gradients, stateErrors: stateErrors)
      sweep.run(threads: threads)
      if let layer {
        if gradients {
          layer.pullBack(sweep.values, bounds: Mode.measures ? sweep.bounds : nil, model)
          layer.widen(sweep.partials)
        }
        sweep.largestOfToken = max(sweep.largestOfToken, layer.largest)
      }
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
          problem, gates: gates, errors: errors, inputs: inputs, model: model, layer: layer,
          gradients: differentiates, stateErrors: stateErrors, sibling: self)
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
      live.removeAll(keepingCapacity: true)
      for t in 0..<shape.T where problem.isLive(b, t) { live.append(t) }
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
        if Mode.measures, pairs != nil { load(inputs.v, into: scratch.v) }
        retreat(slot: i - s * segment)
        if Mode.measures, let pairs, startsChunk(i) { finishPairs(pairs, slot: i - s * segment) }
      }
    }
    storeStateGradient()
  }

  private func tokens(of s: Int) -> Range<Int> { s * segment..<min((s + 1) * segment, live.count) }

  private func advance(segment s: Int) {
    for i in tokens(of: s) {
      if Mode.measures, startsChunk(i) { startChunk(slot: i - s * segment) }
      load(token: live[i])
      load(inputs.v, into: scratch.v)
      advance(slot: i - s * segment)
    }
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
