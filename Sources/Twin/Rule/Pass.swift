import GatedDeltaRule

/// A group of tokens of one head on the tape, forwards and backwards.
struct Pass<Number: TwinNumber> {
  let runs: HeadRuns<Number>
  let tape: Tape<Number>
  let b: Int, h: Int
  let pieces: ArraySlice<Range<Int>>
  let leaves: Leaves
  /// y of a piece, or of a token, and its first token.
  private let outputs = Collected<(first: Int, y: Block)>()
  /// The state after each piece.
  private let states = Collected<Block>()

  /// The inputs laid on the tape.
  init(_ runs: HeadRuns<Number>, _ b: Int, _ h: Int, _ pieces: ArraySlice<Range<Int>>) {
    (self.runs, tape, self.b, self.h, self.pieces) = (runs, runs.tape, b, h, pieces)
    let (tokens, shape, primals) = (Pass.tokens(pieces), runs.problem.shape, runs.problem.primals)
    let head = h / shape.groupSize
    let (tape, problem) = (runs.tape, runs.problem)
    func rows(_ tensor: Tensor, _ heads: Int, _ head: Int, _ width: Int) -> Block {
      let block = tape.zeros(tokens.count, width)
      for (i, t) in tokens.enumerated() where problem.isLive(b, t) {
        let first = ((b * shape.T + t) * heads + head) * width
        let row = tape.value(block) + i * block.stride
        for c in 0..<width { row[c] = Number(tensor.values[first + c]) }
      }
      return block
    }
    func gate(_ values: [Double], _ width: Int, isRow: Bool) -> Block {
      // A row of one channel is a row too.
      let block = isRow ? tape.zeros(1, tokens.count) : tape.zeros(tokens.count, width)
      let step = isRow ? 1 : block.stride
      for (i, t) in tokens.enumerated() {
        let first = ((b * shape.T + t) * shape.Hv + h) * width
        for c in 0..<width { tape.value(block)[i * step + c] = Number(values[first + c]) }
      }
      return block
    }
    let (W, gates) = (runs.perChannel ? shape.Dk : 1, runs.gates)
    func key() -> Block { rows(primals.k, shape.Hk, head, shape.Dk) }
    leaves = Leaves(
      q: rows(primals.q, shape.Hk, head, shape.Dk), written: key(), met: key(), read: key(),
      v: rows(primals.v, shape.Hv, h, shape.Dv), logarithm: gate(gates.logarithm, W, isRow: !runs.perChannel),
      factor: gate(gates.factor, W, isRow: !runs.perChannel), beta: gate(gates.write, 1, isRow: true),
      state: tape.zeros(shape.Dk, shape.Dv))
    if !gates.exponential.isEmpty { scatterSigmoid() }
    // A factor that is applied by itself is none of the chunk's.
    guard runs.isChunked else { return }
    for t in tokens where runs.isCut(b, t, h) {
      each(leaves.logarithm, t) { tape.value(leaves.logarithm)[$0] = 0 }
    }
  }

  /// beta of an exponential that is rounded at random, and then rounded to nearest as declared.
  private func scatterSigmoid() {
    let (shape, form) = (runs.problem.shape, runs.form)
    let e = tape.scratch(leaves.beta.width)
    e.update(repeating: 0, count: leaves.beta.width)
    let signed = tokens.map { runs.gates.exponential[(b * shape.T + $0) * shape.Hv + h] }
    for i in signed.indices { e[i] = Number(signed[i].isNaN ? 0 : signed[i].magnitude) }
    let row = Block(offset: 0, rows: 1, columns: leaves.beta.columns, stride: leaves.beta.width)
    tape.scatter(e, row, to: ProductFormat(form.sigmoidPrecision))
    for i in signed.indices where !signed[i].isNaN {
      let x = e[i].double
      let beta = signed[i].sign == .minus ? x / (1 + x) : 1 / (1 + x)
      tape.value(leaves.beta)[i] = Number(form.betaPrecision.round(beta))
    }
  }

  private static func tokens(_ pieces: ArraySlice<Range<Int>>) -> Range<Int> {
    (pieces.first?.lowerBound ?? 0)..<(pieces.last?.upperBound ?? 0)
  }

  /// All tokens of the group.
  var tokens: Range<Int> { Pass.tokens(pieces) }

  /// The state after the last token.
  var last: Block { states.items.last ?? leaves.state }

  /// Everything from a state in memory on.
  func forward(_ memory: [Number], from place: Int) {
    let V = leaves.state.columns
    for c in 0..<leaves.state.rows {
      let row = tape.value(leaves.state) + c * leaves.state.stride
      for m in 0..<V { row[m] = memory[place + c * V + m] }
    }
    var S = leaves.state
    for piece in pieces {
      let first = piece.lowerBound - tokens.lowerBound
      let here = leaves.tokens(first..<first + piece.count, perChannel: runs.perChannel)
      if runs.isChunked {
        if runs.isCut(b, piece.lowerBound, h) {
          let factor = runs.perChannel ? here.factor.rows(0..<1) : here.factor.element(0)
          S = tape.scaled(S, by: factor)
        }
        let chunk = Chunk(tape: tape, form: runs.form, leaves: here, perChannel: runs.perChannel).run(S)
        outputs.items.append((piece.lowerBound, chunk.y))
        S = chunk.state
      } else {
        let recurrence = Recurrence(tape: tape, leaves: here, perChannel: runs.perChannel)
        S = recurrence.run(S) { outputs.items.append((piece.lowerBound + $0, $1)) }
      }
      states.items.append(S)
    }
  }

  /// Everything from the cotangents of y and of the state after it back.
  func backward(_ cotangent: [Number]) {
    tape.clearGradients()
    let (shape, problem) = (runs.problem.shape, runs.problem)
    let V = shape.Dv
    for c in 0..<shape.Dk {
      let row = tape.gradient(last) + c * last.stride
      for m in 0..<V { row[m] = cotangent[c * V + m] }
    }
    if let dy = problem.cotangents.y {
      eachOutput { t, place in
        guard problem.isLive(b, t) else { return }
        let first = ((b * shape.T + t) * shape.Hv + h) * V
        for m in 0..<V { tape.gradients[place + m] = Number(dy.values[first + m]) }
      }
    }
    tape.goBack()
  }

  /// y of live tokens.
  func storeOutputs() {
    let shape = runs.problem.shape
    eachOutput { t, place in
      guard runs.problem.isLive(b, t) else { return }
      (runs.sums[.y] + ((b * shape.T + t) * shape.Hv + h) * shape.Dv)
        .update(from: tape.values + place, count: shape.Dv)
    }
  }

  /// A state, or its cotangent, to memory.
  func store(_ block: Block, to memory: inout [Number], from place: Int, gradient: Bool = false) {
    let source = gradient ? tape.gradient(block) : tape.value(block)
    for c in 0..<block.rows {
      for m in 0..<block.columns { memory[place + c * block.columns + m] = source[c * block.stride + m] }
    }
  }

  /// Pieces, with where their rows begin and the state after them.
  func eachPiece(_ body: (_ rows: Range<Int>, _ state: Block) -> Void) {
    for (piece, state) in zip(pieces, states.items) {
      let first = piece.lowerBound - tokens.lowerBound
      body(first..<first + piece.count, state)
    }
  }

  /// The places of a gate's numbers at one token, relative to its block.
  func each(_ gate: Block, _ t: Int, _ body: (_ place: Int) -> Void) {
    let i = t - tokens.lowerBound
    if !runs.perChannel { return body(i) }
    for c in 0..<gate.columns { body(i * gate.stride + c) }
  }

  private func eachOutput(_ body: (_ token: Int, _ place: Int) -> Void) {
    for (first, y) in outputs.items {
      for i in 0..<y.rows { body(first + i, y.offset + i * y.stride) }
    }
  }
}

/// What a pass gathers on its way.
final class Collected<Item> {
  var items: [Item] = []
}
