//  The decay inside a chunk of L tokens with one factor a key channel, from g_0 .. g_(L-1), in sub-blocks of 16 rows.
//  The first row a of a sub-block I is the anchor of what its rows read from the sub-blocks before:
//
//    i, j in I        Gamma_ij = D_ij                   D_ij = g_(j+1) ... g_i
//    i in I, j < a    Gamma_ij = D_ia L^I_j             L^I_j = g_(j+1) ... g_a
//    gam_i = g_0 ... g_i                                eta_j = g_(j+1) ... g_(L-1)
//
//  so that all but the pairs of one sub-block are products of matrices. An anchor lies between the two tokens of a pair: no
//  factor is larger than 1, whatever is forgotten on the way.
//
//  running sum  (upstream)  G_i = sum_(s<=i) log g_s; D_ij = exp(G_i - G_j), L^I_j = exp(G_a - G_j). A g of 0 adds nothing
//               to the sum and is counted: what lies on both sides of one is 0, and no difference is one of two infinities.
//  segments     every product is formed from its own factors: no log, no difference, and g = 0 is a number like another.

/// The decay factors of one chunk of one head with one factor a key channel, and their cotangents.
struct ChannelDecay<R: Real> {
  /// Rows of a sub-block.
  static var block: Int { 16 }

  let form: DecayForm
  /// Vectors of a row of channels.
  let width: Int
  let g: MutableRow<R>  // [L, width]
  let fromStart: MutableRow<R>, toEnd: MutableRow<R>  // [L, width], gam and eta
  private let diagonal: MutableRow<R>  // [L, block, width], D
  private let left: MutableRow<R>  // [blocks, L, width], L
  /// Cotangents, which the backward pass fills in.
  let dfromStart: MutableRow<R>, dtoEnd: MutableRow<R>  // [L, width]
  private let ddiagonal: MutableRow<R>  // as D
  private let dleft: MutableRow<R>  // as L
  let sums: MutableRow<R>  // [L, width], G; on the way back its cotangent
  private let zeros: MutableRow<R>  // [L, width], how many g up to this one are 0
  let carried: MutableRow<R>  // [block, width], Xi
  private let size: Int

  init(_ form: DecayForm, size: Int, width: Int, arena: Arena) {
    (self.form, self.size, self.width) = (form, size, width)
    let (rows, block) = (size * width, ChannelDecay.block)
    let blocks = (size + block - 1) / block
    (g, fromStart, toEnd) = (arena.allocate(rows), arena.allocate(rows), arena.allocate(rows))
    (dfromStart, dtoEnd) = (arena.allocate(rows), arena.allocate(rows))
    (sums, zeros) = (arena.allocate(rows), arena.allocate(rows))
    (diagonal, ddiagonal) = (arena.allocate(rows * block), arena.allocate(rows * block))
    (left, dleft) = (arena.allocate(rows * blocks), arena.allocate(rows * blocks))
    carried = arena.allocate(block * width)
  }

  // MARK: places

  /// D_ij, of rows in one sub-block.
  @inline(__always) func inside(_ i: Int, _ j: Int) -> MutableRow<R> { diagonal + place(i, j) }
  /// Its cotangent.
  @inline(__always) func dinside(_ i: Int, _ j: Int) -> MutableRow<R> { ddiagonal + place(i, j) }
  /// L_j of the sub-block whose anchor is row `a`.
  @inline(__always) func before(_ a: Int, _ j: Int) -> MutableRow<R> {
    left + (a / ChannelDecay.block * size + j) * width
  }
  /// Its cotangent.
  @inline(__always) func dbefore(_ a: Int, _ j: Int) -> MutableRow<R> {
    dleft + (a / ChannelDecay.block * size + j) * width
  }
  /// Row `i` of a matrix of tokens by channels.
  @inline(__always) func row(_ matrix: MutableRow<R>, _ i: Int) -> MutableRow<R> { matrix + i * width }

  @inline(__always) private func place(_ i: Int, _ j: Int) -> Int {
    (i * ChannelDecay.block + j % ChannelDecay.block) * width
  }

  /// Rows of the sub-block that begins with row `a`, in a chunk of `count` rows.
  @inline(__always) func rows(from a: Int, of count: Int) -> Range<Int> {
    a..<min(a + ChannelDecay.block, count)
  }

  /// The anchor of the last sub-block of `count` rows.
  @inline(__always) func lastAnchor(of count: Int) -> Int {
    (count - 1) / ChannelDecay.block * ChannelDecay.block
  }

  // MARK: factors

  /// The factors of `count` tokens, from `g`.
  func form(_ count: Int) {
    switch form {
    case .runningSum: formDifferences(count)
    case .segments: formSegments(count)
    }
  }

  private func formSegments(_ count: Int) {
    for a in stride(from: 0, to: count, by: ChannelDecay.block) {
      for i in rows(from: a, of: count) {
        for j in a..<i { product(inside(i - 1, j), row(g, i), to: inside(i, j)) }
        inside(i, i).update(repeating: Lane<R>(repeating: 1), count: width)
        if i == 0 {
          fromStart.update(from: g, count: width)
        } else {
          product(row(fromStart, i - 1), row(g, i), to: row(fromStart, i))
        }
      }
      formLeft(a)
    }
    let (last, anchor) = (count - 1, lastAnchor(of: count))
    for j in 0..<count {
      if j >= anchor {
        row(toEnd, j).update(from: inside(last, j), count: width)
      } else {
        product(before(anchor, j), inside(last, anchor), to: row(toEnd, j))
      }
    }
  }

  /// L of the sub-block with anchor `a`: from the row before it, and from the anchor before.
  private func formLeft(_ a: Int) {
    guard a > 0 else { return }
    let previous = a - ChannelDecay.block
    let step = row(carried, 0)
    product(inside(a - 1, previous), row(g, a), to: step)
    for j in 0..<previous { product(before(previous, j), step, to: before(a, j)) }
    for j in previous..<a { product(inside(a - 1, j), row(g, a), to: before(a, j)) }
  }

  private func formDifferences(_ count: Int) {
    formSums(count)
    for i in 0..<count {
      for c in 0..<width {
        let isPast = row(zeros, i)[c] .> 0
        row(fromStart, i)[c] = R.exp(row(sums, i)[c]).replacing(with: 0, where: isPast)
      }
      formDifference(count - 1, i, to: row(toEnd, i))
    }
    for a in stride(from: 0, to: count, by: ChannelDecay.block) {
      for i in rows(from: a, of: count) {
        for j in a...i { formDifference(i, j, to: inside(i, j)) }
      }
      for j in 0..<a { formDifference(a, j, to: before(a, j)) }
    }
  }

  /// G, and how many zeros it passes over.
  private func formSums(_ count: Int) {
    let factors: UnsafeMutablePointer<R> = g.elements()
    let (logs, passed): (UnsafeMutablePointer<R>, UnsafeMutablePointer<R>) = (
      sums.elements(), zeros.elements()
    )
    let channels = width * 8
    for c in 0..<count * channels {
      let (log, zero): (R, R) = factors[c] == 0 ? (0, 1) : (R.log(factors[c]), 0)
      let isFirst = c < channels
      logs[c] = isFirst ? log : logs[c - channels] + log
      passed[c] = isFirst ? zero : passed[c - channels] + zero
    }
  }

  /// exp(G_i - G_j), or 0 past a zero.
  @inline(__always) private func formDifference(_ i: Int, _ j: Int, to target: MutableRow<R>) {
    for c in 0..<width {
      let isPast = row(zeros, i)[c] .> row(zeros, j)[c]
      target[c] = R.exp(row(sums, i)[c] - row(sums, j)[c]).replacing(with: 0, where: isPast)
    }
  }

  @inline(__always)
  private func product(_ a: MutableRow<R>, _ b: MutableRow<R>, to target: MutableRow<R>) {
    for c in 0..<width { target[c] = a[c] * b[c] }
  }
}
