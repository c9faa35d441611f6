/// The triangular system of a chunk, (I - A) X = R, on the grid:
///
///     A_ij = -beta_i <k_i, k_j> Gamma_ij   (j < i)
///
/// Keys of different channels are orthogonal, so that it falls apart into one small system for each channel. Every way
/// of solving it that honest kernels take is followed: row by row, by the explicit inverse, and by doubling, in
/// sub-blocks of 16 as products are rounded and whole as fp32 adds.
struct ExactSystem {
  /// The part of one channel.
  struct Channel {
    /// Its tokens.
    let tokens: [Int]
    /// A and (I - A)^-1, row major over them.
    let A: [Int]
    fileprivate(set) var inverse: [Int]
    fileprivate(set) var blocks: [DoublingBlock] = []
  }

  private(set) var channels: [Channel] = []

  /// - Parameter factor: A_ij of two tokens of one channel, j < i.
  init(
    tokens: [[Int]], _ ledger: inout ExactnessLedger,
    factor: (_ i: Int, _ j: Int, _ ledger: inout ExactnessLedger) -> Int
  ) {
    for tokens in tokens where ledger.isClear {
      let n = tokens.count
      var A = [Int](repeating: 0, count: n * n)
      for p in 0..<n { for r in 0..<p { A[p * n + r] = factor(tokens[p], tokens[r], &ledger) } }
      var channel = Channel(tokens: tokens, A: A, inverse: ExactSystem.inverse(of: A, n, &ledger))
      channel.formBlocks(&ledger)
      channels.append(channel)
    }
  }

  /// T = I + A T, a row after the other.
  private static func inverse(of A: [Int], _ n: Int, _ ledger: inout ExactnessLedger) -> [Int] {
    var T = [Int](repeating: 0, count: n * n)
    for p in 0..<n {
      T[p * n + p] = Grid.one
      for r in 0..<p {
        var terms = Terms()
        for m in r..<p { terms.add(A[p * n + m] * T[m * n + r]) }
        T[p * n + r] = ledger.sum(terms, "the inverse")
        ledger.operand(T[p * n + r], "the inverse")
      }
      guard ledger.isClear else { return T }
    }
    return T
  }

  /// X = (I - A)^-1 R, or with the transpose; rows of tokens without a key are as they were.
  func solve(
    _ R: [Int32], width: Int, transposed: Bool = false, _ ledger: inout ExactnessLedger, _ name: StaticString
  ) -> [Int32] {
    var X = R
    var row = RowSum(width: width)
    for channel in channels where channel.tokens.contains(where: { R.isSet($0 * width, count: width) }) {
      let (tokens, T, A, n) = (channel.tokens, channel.inverse, channel.A, channel.tokens.count)
      for p in 0..<n {
        row.reset()
        for r in transposed ? p..<n : 0..<p + 1 {
          row.add(transposed ? T[r * n + p] : T[p * n + r], R, at: tokens[r] * width)
        }
        row.settle(
          into: &X, at: tokens[p] * width, bits: ledger.arithmetic.operandBits, &ledger, name)
      }
      // Row by row the terms are others: x_p = R_p + sum_r A_pr x_r.
      for p in 0..<n {
        row.reset()
        row.add(Grid.one, R, at: tokens[p] * width)
        for r in transposed ? p + 1..<n : 0..<p {
          row.add(transposed ? A[r * n + p] : A[p * n + r], X, at: tokens[r] * width)
        }
        row.check(&ledger, name)
      }
      guard ledger.isClear else { return X }
      for block in channel.blocks {
        block.check(R, X, width: width, in: channel, transposed: transposed, &ledger)
      }
    }
    return X
  }
}

extension ExactSystem.Channel {
  fileprivate mutating func formBlocks(_ ledger: inout ExactnessLedger) {
    var first = 0
    while first < tokens.count, ledger.isClear {
      var end = first + 1
      while end < tokens.count, tokens[end] / 16 == tokens[first] / 16 { end += 1 }
      if end - first > 1 {
        blocks.append(
          DoublingBlock(first..<end, of: self, bits: ledger.arithmetic.operandBits, &ledger))
      }
      first = end
    }
    let isWhole = tokens.last.map { $0 / 16 } == tokens.first.map { $0 / 16 }
    if !isWhole, ledger.isClear {
      blocks.append(DoublingBlock(0..<tokens.count, of: self, bits: 24, &ledger))
    }
  }
}

/// A sub-block of one channel, solved by (I + P)(I + P^2)(I + P^4)... R: every power and every partial product keeps to
/// so many bits.
struct DoublingBlock {
  private let range: Range<Int>
  private let bits: Int
  /// P, P^2, P^4 and so on, row major and strictly lower.
  private var powers: [[Int]]

  private var n: Int { range.count }

  fileprivate init(
    _ range: Range<Int>, of channel: ExactSystem.Channel, bits: Int, _ ledger: inout ExactnessLedger
  ) {
    (self.range, self.bits) = (range, bits)
    let (n, first, all) = (range.count, range.lowerBound, channel.tokens.count)
    var P = [Int](repeating: 0, count: n * n)
    for p in 0..<n { for r in 0..<p { P[p * n + r] = channel.A[(first + p) * all + first + r] } }
    powers = [P]
    while 1 << powers.count < n, ledger.isClear, P.contains(where: { $0 != 0 }) {
      P = square(P, &ledger)
      powers.append(P)
    }
  }

  private func square(_ P: [Int], _ ledger: inout ExactnessLedger) -> [Int] {
    var square = [Int](repeating: 0, count: n * n)
    for p in 0..<n {
      for r in 0..<p {
        var terms = Terms()
        for m in r + 1..<max(p, r + 1) { terms.add(P[p * n + m] * P[m * n + r]) }
        square[p * n + r] = ledger.power(terms, bits: bits)
      }
      guard ledger.isClear else { break }
    }
    return square
  }

  fileprivate func check(
    _ R: [Int32], _ X: [Int32], width: Int, in channel: ExactSystem.Channel, transposed: Bool,
    _ ledger: inout ExactnessLedger
  ) {
    let (tokens, A, all) = (channel.tokens, channel.A, channel.tokens.count)
    var x = [Int32](repeating: 0, count: n * width)
    var row = RowSum(width: width)
    for p in range {
      // What the blocks before, or behind, leave of the right-hand side.
      row.reset()
      row.add(Grid.one, R, at: tokens[p] * width)
      for r in transposed ? range.upperBound..<all : 0..<range.lowerBound {
        row.add(transposed ? A[r * all + p] : A[p * all + r], X, at: tokens[r] * width)
      }
      row.settle(into: &x, at: (p - range.lowerBound) * width, bits: bits, &ledger, "a rest of the system")
    }
    for P in powers where ledger.isClear {
      let old = x
      for p in 0..<n {
        row.reset()
        row.add(Grid.one, old, at: p * width)
        for r in transposed ? p + 1..<n : 0..<p {
          row.add(transposed ? P[r * n + p] : P[p * n + r], old, at: r * width)
        }
        row.settlePartial(into: &x, at: p * width, bits: bits, &ledger)
      }
    }
  }
}
