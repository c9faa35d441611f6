import GatedDeltaRule

/// Tokens of one head one after the other.
struct Recurrence<Number: TwinNumber> {
  let tape: Tape<Number>
  let leaves: Leaves
  let perChannel: Bool

  /// y of each token, and the state after the last.
  func run(_ first: Block, _ y: (_ token: Int, Block) -> Void) -> Block {
    var S = first
    for t in 0..<leaves.q.rows {
      let (k, token) = (t..<t + 1, t)
      S = tape.scaled(S, by: perChannel ? leaves.factor.rows(k) : leaves.factor.element(t))
      let read = tape.product(.plain, leaves.read.rows(k), S, .fp32)
      let change = tape.scaled(
        tape.sum(leaves.v.rows(k), read, negative: true), by: leaves.beta.element(t))
      S = tape.sum(S, tape.product(.first, leaves.written.rows(k), change, .fp32))
      y(token, tape.product(.plain, leaves.q.rows(k), S, .fp32))
    }
    return S
  }
}
