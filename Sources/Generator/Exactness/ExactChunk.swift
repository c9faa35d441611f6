/// One chunk of one head in UT/WY form on the grid, given the state S before it, [Dk, Dv]:
///
///     (I - A) [U_v | W] = [beta v | beta gamma k]       U = U_v - W S     or    (I - A) U = beta (v - gamma S k)
///     Y = gamma S q + ((Q K^T) o Gamma) U               S' = gamma_C S + (eta K)^T U
///
/// Gamma, gamma and eta are powers of two: what a channel has been halved between two tokens, from the start, to the
/// end.
struct ExactChunk {
  let head: ExactHead
  /// Its tokens, and how many there are.
  let first: Int, n: Int
  /// How often a channel has been halved from the start of the chunk up to a token, [n, width].
  private(set) var halvings: [Int]
  /// How often in the whole chunk, [width].
  private(set) var all: [Int]
  private(set) var system: ExactSystem
  /// [Dk, Dv].
  let S: [Int32]
  /// beta (v - gamma S k), U_v and U, [n, Dv].
  private(set) var right: [Int32] = [], Uv: [Int32] = [], U: [Int32] = []
  /// What W is along the channel of its token.
  private(set) var W: [Int32] = []
  /// (Q K^T) o Gamma, [n, n].
  private(set) var P: [Int]

  init(_ head: ExactHead, first: Int, length: Int, state: ArraySlice<Int32>, _ ledger: inout ExactnessLedger)
  {
    (self.head, self.first, n, S) = (head, first, min(length, head.T - first), Array(state))
    let (n, width) = (n, head.width)
    var halvings = [Int](repeating: 0, count: n * width)
    for i in 0..<n {
      for c in 0..<width {
        halvings[i * width + c] =
          (i > 0 ? halvings[(i - 1) * width + c] : 0) + head.halvings[(first + i) * width + c]
      }
    }
    self.halvings = halvings
    all = Array(halvings.suffix(width))
    if all.contains(where: { $0 >= Grid.bits }) { ledger.refuse("a chunk halves its state too often") }
    var lists = [[Int]](repeating: [], count: head.Dk)
    for i in 0..<n where head.keyChannel[first + i] >= 0 { lists[head.keyChannel[first + i]].append(i) }
    P = []
    guard ledger.isClear else {
      system = ExactSystem(tokens: [], &ledger) { _, _, _ in 0 }
      return
    }
    system = ExactSystem(tokens: lists.filter { !$0.isEmpty }, &ledger) { i, j, ledger in
      let c = head.keyChannel[first + i]
      let between = halvings[i * width + (width == 1 ? 0 : c)] - halvings[j * width + (width == 1 ? 0 : c)]
      let signs = -head.keySign[first + i] * head.keySign[first + j]
      return ledger.written(signs * (Grid.one >> between), beta: head.betaHalves[first + i], "A")
    }
    for x in S { ledger.operand(Int(x), "the state") }
    guard ledger.isClear else { return }
    solve(&ledger)
    guard ledger.isClear else { return }
    formScores()
    checkOutputs(&ledger)
    checkNext(&ledger)
  }

  /// Halvings of a channel from the start of the chunk up to token i.
  func fromStart(_ i: Int, _ c: Int) -> Int { halvings[i * head.width + (head.width == 1 ? 0 : c)] }

  /// From token i to the end.
  func toEnd(_ i: Int, _ c: Int) -> Int { whole(c) - fromStart(i, c) }

  /// In the whole chunk.
  func whole(_ c: Int) -> Int { all[head.width == 1 ? 0 : c] }

  /// What a token of the chunk has.
  func key(_ i: Int) -> (channel: Int, sign: Int) { (head.keyChannel[first + i], head.keySign[first + i]) }
  func query(_ i: Int) -> (channel: Int, factor: Int) {
    (head.queryChannel[first + i], head.query[first + i])
  }
  func beta(_ i: Int) -> Int { head.betaHalves[first + i] }

  /// The rows of the head's [T, Dv] that are the chunk's.
  func row(_ i: Int) -> Int { (first + i) * head.Dv }

  private mutating func solve(_ ledger: inout ExactnessLedger) {
    let Dv = head.Dv
    var values = [Int32](repeating: 0, count: n * Dv)
    var gains = [Int32](repeating: 0, count: n)
    right = values
    for i in 0..<n {
      let (c, sign) = key(i)
      if c >= 0 {
        gains[i] = Int32(
          ledger.written(sign * (Grid.one >> fromStart(i, c)), beta: beta(i), "beta gamma k"))
      }
      for m in 0..<Dv {
        let v = Int(head.v[row(i) + m])
        values[i * Dv + m] = Int32(ledger.written(v, beta: beta(i), "beta v"))
        let seen = c < 0 ? 0 : sign * ledger.halved(Int(S[c * Dv + m]), fromStart(i, c), "gamma S k")
        ledger.operand(v - seen, "v - gamma S k")
        right[i * Dv + m] = Int32(ledger.written(v - seen, beta: beta(i), "beta (v - gamma S k)"))
      }
    }
    guard ledger.isClear else { return }
    Uv = system.solve(values, width: Dv, &ledger, "U_v")
    W = system.solve(gains, width: 1, &ledger, "W")
    U = system.solve(right, width: Dv, &ledger, "U")
    guard ledger.isClear else { return }
    for i in 0..<n where key(i).channel >= 0 {
      for m in 0..<Dv {
        var terms = Terms()
        terms.add(Int(Uv[i * Dv + m]) * Grid.one)
        terms.add(-Int(W[i]) * Int(S[key(i).channel * Dv + m]))
        if ledger.sum(terms, "U_v - W S") != Int(U[i * Dv + m]) { ledger.refuse("the two ways to U differ") }
      }
    }
  }

  private mutating func formScores() {
    P = [Int](repeating: 0, count: n * n)
    for i in 0..<n where query(i).channel >= 0 {
      let (c, factor) = query(i)
      for j in 0...i where key(j).channel == c {
        P[i * n + j] = factor * key(j).sign * (Grid.one >> (fromStart(i, c) - fromStart(j, c)))
      }
    }
  }

  private func checkOutputs(_ ledger: inout ExactnessLedger) {
    let Dv = head.Dv
    var (row, read) = (RowSum(width: Dv), [Int32](repeating: 0, count: Dv))
    for i in 0..<n where query(i).channel >= 0 {
      let (c, factor) = query(i)
      for m in 0..<Dv {
        let value = factor * ledger.halved(Int(S[c * Dv + m]), fromStart(i, c), "gamma S q")
        ledger.operand(value, "gamma S q")
        read[m] = Int32(truncatingIfNeeded: value)
      }
      row.reset()
      row.add(Grid.one, read, at: 0)
      for j in 0...i {
        row.add(P[i * n + j], U, at: j * Dv)
        ledger.operand(P[i * n + j], "(Q K^T) o Gamma")
      }
      row.check(&ledger, "y")
    }
  }

  private func checkNext(_ ledger: inout ExactnessLedger) {
    let Dv = head.Dv
    for channel in system.channels {
      let (tokens, c) = (channel.tokens, key(channel.tokens[0]).channel)
      for m in 0..<Dv {
        var magnitude = abs(Int(S[c * Dv + m]))
        for j in tokens {
          magnitude += abs(ledger.halved(Int(U[j * Dv + m]), toEnd(j, c), "eta U"))
        }
        ledger.sum(magnitude, "the next state")
      }
    }
  }
}
