/// The recurrence and its adjoint for one head on the grid, as `Sequential` derives them:
///
///     S~ = g S    e = v - S~ k    delta = beta e    S' = S~ + delta k    y = S' q
///     D += dy q   h = D k   dv = beta h   dbeta = <h, e>   dq = S' dy   dk = D delta - S~ beta h
///     D -= beta h k   dg = <D, S>   D *= g
///
/// Since a key is one channel, a token changes one row of S. The sweep back undoes it instead of keeping states.
struct ExactRecurrence {
  let head: ExactHead
  /// Before the first token of each chunk, [chunks, Dk, Dv].
  private(set) var states: [Int32] = []
  /// Of the state after the last token of each chunk, [chunks, Dk, Dv].
  private(set) var cotangents: [Int32]
  /// Tokens of a chunk.
  let length: Int
  private var S: [Int32]
  private var D: [Int32]
  /// The row that each token wrote as it was before, and the error it saw, [T, Dv].
  private var before: [Int32], e: [Int32]

  init(_ head: ExactHead, length: Int) {
    (self.head, self.length, S, D) = (head, length, head.state, head.dstate)
    before = [Int32](repeating: 0, count: head.T * head.Dv)
    e = head.v
    let chunks = (head.T + length - 1) / length
    cotangents = [Int32](repeating: 0, count: chunks * head.Dk * head.Dv)
    states.reserveCapacity(cotangents.count)
  }

  mutating func forward(_ ledger: inout ExactnessLedger) {
    let Dv = head.Dv
    for t in 0..<head.T {
      if t % length == 0 { states += S }
      scale(&S, t, &ledger, "the state")
      let (c, sign, beta) = (head.keyChannel[t], head.keySign[t], head.betaHalves[t])
      if c >= 0 {
        for i in 0..<Dv {
          let (old, error) = (Int(S[c * Dv + i]), Int(head.v[t * Dv + i]) - sign * Int(S[c * Dv + i]))
          ledger.value(error, "e")
          before[t * Dv + i] = Int32(old)
          e[t * Dv + i] = Int32(truncatingIfNeeded: error)
          let new = old + sign * ledger.written(error, beta: beta, "beta e")
          ledger.value(new, "the state")
          S[c * Dv + i] = Int32(truncatingIfNeeded: new)
        }
      }
      if head.queryChannel[t] >= 0 {
        let read = head.queryChannel[t] * Dv
        for i in 0..<Dv {
          let y = head.query[t] * Int(S[read + i])
          ledger.value(y, "y")
          ledger.stored(y, "y")
        }
      }
      // What is past a limit grows: nothing after it is looked at.
      guard ledger.isClear else { return }
    }
  }

  /// - Parameter key: where the first channel of the key of a token is in q and k.
  mutating func reverse(
    dq: inout Shares, dk: inout Shares, key: (_ t: Int) -> Int, _ ledger: inout ExactnessLedger
  ) {
    let size = head.Dk * head.Dv
    for t in (0..<head.T).reversed() {
      if t == head.T - 1 || (t + 1) % length == 0 {
        let first = t / length * size
        for i in 0..<size { cotangents[first + i] = D[i] }
      }
      read(t, dq: &dq, at: key(t), &ledger)
      guard ledger.isClear else { return }
      write(t, dk: &dk, at: key(t), &ledger)
      decay(t, &ledger)
      guard ledger.isClear else { return }
    }
  }

  private mutating func read(_ t: Int, dq: inout Shares, at place: Int, _ ledger: inout ExactnessLedger) {
    let Dv = head.Dv
    guard head.dy.isSet(t * Dv, count: Dv) else { return }
    let shares = head.products(S, head.dy, at: t * Dv, &ledger, "dq")
    for c in 0..<head.Dk { dq.add(shares[c], at: place + c) }
    guard head.queryChannel[t] >= 0 else { return }
    let row = head.queryChannel[t] * Dv
    for i in 0..<Dv {
      let sum = Int(D[row + i]) + head.query[t] * Int(head.dy[t * Dv + i])
      ledger.value(sum, "dS")
      D[row + i] = Int32(truncatingIfNeeded: sum)
    }
  }

  private mutating func write(_ t: Int, dk: inout Shares, at place: Int, _ ledger: inout ExactnessLedger) {
    let (Dk, Dv) = (head.Dk, head.Dv)
    let (c, sign, beta) = (head.keyChannel[t], head.keySign[t], head.betaHalves[t])
    if beta > 0 {
      let delta = (0..<Dv).map {
        Int32(truncatingIfNeeded: ledger.written(Int(e[t * Dv + $0]), beta: beta, "beta e"))
      }
      let shares = head.products(D, delta, at: 0, &ledger, "dk")
      for c in 0..<Dk { dk.add(shares[c], at: place + c) }
    }
    guard c >= 0 else { return }
    for i in 0..<Dv { S[c * Dv + i] = before[t * Dv + i] }
    let h = (0..<Dv).map { Int32(sign) * D[c * Dv + $0] }
    ledger.stored(ledger.sum(Terms(h, 0, e, t * Dv, count: Dv), "dbeta"), "dbeta")
    let dv = h.map { Int32(truncatingIfNeeded: ledger.written(Int($0), beta: beta, "dv")) }
    for i in 0..<Dv {
      ledger.stored(Int(dv[i]), "dv")
      D[c * Dv + i] -= Int32(sign) * dv[i]
    }
    let shares = head.products(S, dv, at: 0, &ledger, "dk")
    for c in 0..<Dk { dk.add(shares[c], at: place + c) }
  }

  /// S as it was before the token, dg, and D of the state before it.
  private mutating func decay(_ t: Int, _ ledger: inout ExactnessLedger) {
    let (Dk, Dv, width) = (head.Dk, head.Dv, head.width)
    for c in 0..<Dk where head.halvings[t * width + (width == 1 ? 0 : c)] > 0 {
      for i in 0..<Dv { S[c * Dv + i] *= 2 }
    }
    if width == 1 {
      _ = ledger.sum(Terms(D, 0, S, 0, count: Dk * Dv), "dg")
    } else {
      for c in 0..<Dk { _ = ledger.sum(Terms(D, c * Dv, S, c * Dv, count: Dv), "dg") }
    }
    scale(&D, t, &ledger, "dS")
  }

  /// Times the decay of a token.
  private func scale(_ rows: inout [Int32], _ t: Int, _ ledger: inout ExactnessLedger, _ name: StaticString) {
    let (Dv, width) = (head.Dv, head.width)
    for c in 0..<head.Dk where head.halvings[t * width + (width == 1 ? 0 : c)] > 0 {
      for i in c * Dv..<(c + 1) * Dv { rows[i] = Int32(ledger.halved(Int(rows[i]), 1, name)) }
    }
  }
}
