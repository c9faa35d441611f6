import GatedDeltaRule

/// One chunk of one head: UT/WY in the order that a form says.
struct Chunk<Number: TwinNumber> {
  let tape: Tape<Number>
  let form: TwinForm
  let leaves: Leaves
  let perChannel: Bool

  /// y and the state after the chunk, which begins with S.
  func run(_ S: Block) -> (y: Block, state: Block) {
    let n = leaves.q.rows
    let G = tape.accumulated(leaves.logarithm, alongRow: !perChannel)
    let read = tape.exponential(G)
    let end = tape.exponential(tape.relative(G, to: n - 1, alongRow: !perChannel, negative: true))
    let A = tape.erasure(leaves.beta, gram(leaves.read, leaves.met, G))
    let P = gram(leaves.q, leaves.written, G)
    let state = operand(S, .wy)
    let U = solution(A, read: decayed(leaves.read, read), state)
    let output = format(.output)
    let ofState = tape.product(
      .plain, operand(decayed(leaves.q, read), .output), output == format(.wy) ? state : operand(S, .output),
      output)
    let ofChunk = tape.product(.plain, operand(P, .output), operand(U, .output), output)
    let y = tape.sum(ofState, ofChunk)
    let last = perChannel ? read.rows(n - 1..<n) : read.element(n - 1)
    let write = tape.product(
      .first, operand(decayed(leaves.written, end), .state), operand(U, .state), format(.state))
    return (y, tape.sum(tape.scaled(S, by: last), write))
  }

  /// The operands' format in products of a kind.
  private func format(_ products: Arrangement.Products) -> ProductFormat {
    form.coarseProducts.contains(products) ? form.operands : .fp32
  }

  private func operand(_ a: Block, _ products: Arrangement.Products) -> Block {
    tape.operand(a, format(products))
  }

  /// Each token by its factor, or each channel of it.
  private func decayed(_ a: Block, _ factors: Block) -> Block {
    perChannel ? tape.times(a, factors) : tape.scaled(a, by: factors)
  }

  /// U, of (I - A) U = beta (v - gamma K S).
  private func solution(_ A: Block, read: Block, _ S: Block) -> Block {
    let wy = format(.wy)
    var inverse: (T: Block, operand: Block)?
    if form.system != .substitution {
      let T = tape.inverse(
        A, form.inverse, solve: form.solve, products: wy, isDifferentiated: form.system == .inverse)
      inverse = (T, tape.operand(T, wy))
    }
    func solved(_ R: Block) -> Block {
      guard let inverse else { return tape.substituted(A, R, solve: form.solve) }
      return form.system == .inverse
        ? tape.product(.plain, inverse.operand, tape.operand(R, wy), wy)
        : tape.solution(inverse: inverse.operand, system: A, tape.operand(R, wy), wy)
    }
    switch form.wy {
    case .joined:
      let seen = tape.product(.plain, tape.operand(read, wy), S, wy)
      return solved(tape.scaled(tape.sum(leaves.v, seen, negative: true), by: leaves.beta))
    case .split:
      let U = solved(tape.scaled(leaves.v, by: leaves.beta))
      let W = solved(tape.scaled(read, by: leaves.beta))
      return tape.sum(U, tape.product(.plain, tape.operand(W, wy), S, wy), negative: true)
    }
  }

  /// sum_c x_ic y_jc gamma_c(i, j) for j <= i, with the decay between the two tokens.
  private func gram(_ x: Block, _ y: Block, _ G: Block) -> Block {
    let products = format(.gram)
    if !perChannel && form.exponents == .gram {
      let all = tape.product(.second, tape.operand(x, products), tape.operand(y, products), products)
      return tape.times(all, tape.decay(G))
    }
    let n = x.rows
    let out = tape.zeros(n, n)
    for first in stride(from: 0, to: n, by: 16) {
      let rows = first..<min(first + 16, n)
      let here = part(G, rows)
      if perChannel {
        tape.pairs(x.rows(rows), y.rows(rows), here, to: out.part(rows, rows))
      } else {
        let all = tape.product(
          .second, tape.operand(x.rows(rows), products), tape.operand(y.rows(rows), products), products)
        tape.times(all, tape.decay(here), to: out.part(rows, rows))
      }
      guard first > 0 else { continue }
      // Relative to the first token of the sub-block, so that no factor is more than 1.
      let before = part(G, 0..<first + 1)
      let late = tape.exponential(tape.relative(here, to: 0, alongRow: !perChannel, negative: false))
      let early = tape.exponential(tape.relative(before, to: first, alongRow: !perChannel, negative: true))
      let earlier = perChannel ? early.rows(0..<first) : early.columnsByThemselves(0..<first)
      tape.form(
        .second, tape.operand(decayed(x.rows(rows), late), products),
        tape.operand(decayed(y.rows(0..<first), earlier), products), products,
        to: out.part(rows, 0..<first))
    }
    return out
  }

  private func part(_ G: Block, _ tokens: Range<Int>) -> Block {
    perChannel ? G.rows(tokens) : G.columnsByThemselves(tokens)
  }
}
