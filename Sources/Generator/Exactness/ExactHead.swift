import GatedDeltaRule

/// The tokens of one value head on the grid. What a masked token holds is not read: it keeps and writes nothing.
struct ExactHead {
  let T: Int, Dk: Int, Dv: Int
  /// Decay factors of a token: 1, or Dk.
  let width: Int
  /// The channel of each key and its sign; -1 and 0 where the key is zero.
  private(set) var keyChannel: [Int], keySign: [Int]
  /// The channel that each query reads and its factor; -1 and 0 where the query is zero.
  private(set) var queryChannel: [Int], query: [Int]
  /// 0, 1 or 2.
  private(set) var betaHalves: [Int]
  /// How often each token halves the state, 0 or 1, [T, width].
  private(set) var halvings: [Int]
  /// [T, Dv].
  private(set) var v: [Int32], dy: [Int32]
  /// By key channel, [Dk, Dv]: a token reads and writes one row of it.
  private(set) var state: [Int32], dstate: [Int32]

  /// Why a problem has no exact numbers for a head, or the numbers.
  init(_ problem: Problem, _ b: Int, _ h: Int, _ ledger: inout ExactnessLedger) {
    let shape = problem.shape
    (T, Dk, Dv, width) = (shape.T, shape.Dk, shape.Dv, shape.decayWidth)
    (keyChannel, queryChannel) = ([Int](repeating: -1, count: T), [Int](repeating: -1, count: T))
    (keySign, query, betaHalves) = (
      [Int](repeating: 0, count: T), [Int](repeating: 0, count: T), [Int](repeating: 0, count: T)
    )
    halvings = [Int](repeating: 0, count: T * width)
    (v, dy) = ([Int32](repeating: 0, count: T * Dv), [Int32](repeating: 0, count: T * Dv))
    (state, dstate) = ([Int32](repeating: 0, count: Dk * Dv), [Int32](repeating: 0, count: Dk * Dv))
    let gates = HalfGates(problem, h)
    let (norm, scale) = (problem.contract.queryKey, problem.contract.scaleFactor(Dk: Dk))
    guard scale.significand == 1 else {
      ledger.refuse("the scale of q is no power of two")
      return
    }
    for t in 0..<T where problem.isLive(b, t) {
      let row = (b * T + t) * shape.Hv + h
      let key = ((b * T + t) * shape.Hk + h / shape.groupSize) * Dk
      readKey(problem.primals.k.values, key, norm, t, &ledger)
      readQuery(problem.primals.q.values, key, norm, t, &ledger)
      readGates(gates, row, t, &ledger)
      read(problem.primals.v.values, row * Dv, into: &v, t * Dv, &ledger)
      // What multiplies q may multiply dy, and y by itself: it moves no digit.
      if let dy = problem.cotangents.y {
        read(dy.values, row * Dv, times: scale, into: &self.dy, t * Dv, &ledger)
      }
    }
    let first = (b * shape.Hv + h) * Dv * Dk
    if let given = problem.primals.state { readState(given.values, first, into: &state, &ledger) }
    if let given = problem.cotangents.state { readState(given.values, first, into: &dstate, &ledger) }
  }

  private mutating func readKey(
    _ k: [Double], _ first: Int, _ norm: Contract.QueryKey, _ t: Int, _ ledger: inout ExactnessLedger
  ) {
    for c in 0..<Dk where k[first + c] != 0 {
      guard keyChannel[t] < 0, let sign = ExactHead.factor(k[first + c], norm), abs(sign) == 1 else {
        return ledger.refuse("a key is not plus or minus one channel")
      }
      (keyChannel[t], keySign[t]) = (c, sign)
    }
  }

  /// What a rule makes of a number that is alone among its channels; nil if it is not whole.
  private static func factor(_ x: Double, _ norm: Contract.QueryKey) -> Int? {
    switch norm {
    case .given: return x.magnitude <= 256 ? Int(exactly: x) : nil
    case .l2norm(let epsilon):
      // A quarter of a rounding of fp32.
      guard epsilon * 0x1p25 <= x * x, x.magnitude.significand == 1 else { return nil }
      return x > 0 ? 1 : -1
    }
  }

  private mutating func readQuery(
    _ q: [Double], _ first: Int, _ norm: Contract.QueryKey, _ t: Int, _ ledger: inout ExactnessLedger
  ) {
    for c in 0..<Dk where q[first + c] != 0 {
      guard queryChannel[t] < 0, let factor = ExactHead.factor(q[first + c], norm) else {
        return ledger.refuse("a query is not a whole multiple of one channel")
      }
      (queryChannel[t], query[t]) = (c, factor)
    }
  }

  private mutating func readGates(
    _ gates: HalfGates, _ row: Int, _ t: Int, _ ledger: inout ExactnessLedger
  ) {
    for c in 0..<width {
      guard let halving = gates.halving(row, c) else { return ledger.refuse("a decay is neither 1 nor 1/2") }
      halvings[t * width + c] = halving
    }
    guard let halves = gates.betaHalves(row) else { return ledger.refuse("a beta is none of 0, 1/2 and 1") }
    betaHalves[t] = halves
  }

  private func read(
    _ values: [Double], _ first: Int, times factor: Double = 1, into rows: inout [Int32], _ at: Int,
    _ ledger: inout ExactnessLedger
  ) {
    for i in 0..<Dv {
      guard let value = Grid.value(values[first + i] * factor) else {
        return ledger.refuse("\(values[first + i]) is no small multiple of 2^-\(Grid.bits)")
      }
      rows[at + i] = value
    }
  }

  private func readState(
    _ values: [Double], _ first: Int, into state: inout [Int32], _ ledger: inout ExactnessLedger
  ) {
    for i in 0..<Dv {
      for c in 0..<Dk {
        guard let value = Grid.value(values[first + i * Dk + c]) else {
          return ledger.refuse("\(values[first + i * Dk + c]) is no small multiple of 2^-\(Grid.bits)")
        }
        state[c * Dv + i] = value
      }
    }
  }

  /// The products with every key channel: <rows of [Dk, Dv], one row of Dv>.
  func products(
    _ matrix: [Int32], _ rows: [Int32], at row: Int, _ ledger: inout ExactnessLedger, _ name: StaticString
  ) -> [Int] {
    guard rows.isSet(row, count: Dv) else { return [Int](repeating: 0, count: Dk) }
    return (0..<Dk).map { c in ledger.sum(Terms(matrix, c * Dv, rows, row, count: Dv), name) }
  }
}
