import GatedDeltaRule

extension Property {
  /// beta (v - S k), where the state predicts v but for one in 4096: with half of a unit along four channels of k, and
  /// 8192 and 2 in two of them in every row of the state, S k = 4097. Against v = 4096 the residual is -1, and reading the
  /// channel of the 2 gives 2 - beta / 2. S k has more bits than bf16, fp16 and TF32 have, and all that is multiplied has
  /// fewer, so that a kernel that rounds operands of products alone is exact, with U and W apart too. One that rounds
  /// S k, or W S, before the difference is taken writes nothing.
  ///
  /// Who has products in fp32, or says `residual: fp32`, is held to it. Elsewhere it is counted how many writes vanish:
  /// public kernels do that, and on ordinary cases they lose no more than others.
  package static let residual = Property("residual", .cheap, unless: fewChannelsOrKeptAway) { runs, tally in
    let declaration = runs.declaration
    let isCoarse = declaration.products.unitRoundoff > Precision.fp32.unitRoundoff
    let isHeld = declaration.arrangement?.residual.map { $0 == .fp32 } ?? !isCoarse
    guard isHeld || declaration.arrangement?.residual == nil else {
      throw Inapplicable("a residual that is declared to be rounded")
    }
    let probe = try ResidualProbe(runs)
    let answer = try runs.run(probe.draft, bounded: true, gradients: false)
    guard let y = answer[.y] else { throw Inapplicable("y is not answered") }
    var movement = Movement()
    for i in probe.reads.joined() {
      let written = (probe.unwritten - y.values[i]) / probe.write
      // Where it is not a number the comparison with the reference is what speaks.
      movement.add(written < 0.5 ? 0 : 1, 1)
      tally.expect(
        "y where the state predicts v but for one in 4096", at: coordinates(of: i, in: y.shape), y.values[i],
        near: probe.unwritten - probe.write,
        within: isHeld ? probe.write / 4 : .infinity, scale: 1)
    }
    if !isHeld { tally.movement = movement }
  }

  @Sendable private static func fewChannelsOrKeptAway(_ problem: Problem) -> String? {
    if case .l2norm(let epsilon) = problem.contract.queryKey, epsilon > 1e-6 {
      return "an epsilon that is something beside a length of 16"
    }
    return problem.shape.Dk < 4
      ? "fewer than four channels"
      : problem.firstLive == nil ? "no live token" : Draft(problem).obstacleToKeeping
  }
}

/// A problem with one write in each batch row, of a value that the state predicts but for one in 4096.
private struct ResidualProbe {
  private(set) var draft: Draft
  /// Where y reads it, a range of elements for each batch row that has a live token.
  private(set) var reads: [Range<Int>] = []
  /// What y is there if nothing is written, and what a write takes off.
  let unwritten, write: Double

  init(_ runs: PropertyRuns) throws {
    let (problem, shape) = (runs.problem, runs.problem.shape)
    draft = Draft(problem)
    let isModel = draft.level == .model
    // Where they are normalised, of lengths of 16 and 32, beside which an epsilon of 1e-6 is nothing in fp32.
    let (one, half): (Double, Double) = problem.contract.queryKey == .given ? (1, 0.5) : (16, 16)
    let beta = isModel && problem.contract.write == .doubleSigmoid ? 1 : 0.5
    let scale = problem.contract.scaleFactor(Dk: shape.Dk)
    (unwritten, write) = (2 * scale, beta * scale / 2)
    let first = runs.draw.integer(below: shape.Dk - 3)
    (draft[.dy], draft[.dstateOut]) = (nil, nil)
    var state = draft.zeros(.stateIn)
    for row in stride(from: first, to: state.values.count, by: shape.Dk) {
      (state.values[row], state.values[row + 2]) = (8192, 2)
    }
    draft[.stateIn] = state
    for t in 0..<shape.T {
      draft.setWrite(false, t: t)
      draft.setKeep(t: t)
    }
    for b in 0..<shape.B {
      let live = (0..<shape.T).filter { problem.isLive(b, $0) }
      guard !live.isEmpty else { continue }
      let t = live[runs.draw.integer(below: live.count)]
      draft.set(draft.writeInput, draft.entries(draft.writeInput, b: b, t: t), to: isModel ? 0 : beta)
      draft.set(.v, draft.entries(.v, b: b, t: t), to: 4096)
      for (input, size, channels) in [(Input.k, half, 0..<4), (.q, one, 2..<3)] {
        let entries = draft.entries(input, b: b, t: t)
        draft.set(input, entries, to: 0)
        for head in stride(from: entries.lowerBound, to: entries.upperBound, by: shape.Dk) {
          draft.set(input, head + first + channels.lowerBound..<head + first + channels.upperBound, to: size)
        }
      }
      let token = (b * shape.T + t) * shape.Hv * shape.Dv
      reads.append(token..<token + shape.Hv * shape.Dv)
    }
  }
}
