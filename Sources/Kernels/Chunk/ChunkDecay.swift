//  The decay inside a chunk of L tokens, from g_0 .. g_(L-1):
//
//    Gamma_ij = g_(j+1) ... g_i  (j <= i),   gam_i = g_0 ... g_i,   eta_j = g_(j+1) ... g_(L-1)
//
//  running sum  (upstream)  G_i = sum_(s<=i) log g_s;  Gamma_ij = exp(G_i - G_j): the difference of two large sums
//               loses what a strong decay put into both. Its gradient, by rows and columns of N = dGamma o Gamma,
//               dG_i = sum_j N_ij - sum_j N_ji + gam_i dgam_i - eta_i deta_i, dlog g_t = sum_(i>=t) dG_i, cancels
//               likewise, and is divided by g.
//  segments     every product is formed from its own factors, row by row: Gamma_ij = Gamma_(i-1)j g_i. No log, no
//               difference. Its adjoint is the crossing sum, without a division even at g = 0:
//               dg_t = sum_(j<t) Xi_tj Gamma_(t-1)j,   Xi_tj = dGamma_tj + g_(t+1) Xi_(t+1)j.

/// How a chunk's decay factors are formed.
package enum DecayForm: Hashable, Sendable {
  /// Differences of a running sum of logarithms, as upstream.
  case runningSum
  /// Products of their own factors.
  case segments
}

/// The decay factors of one chunk of one head, and their cotangents.
struct ChunkDecay<R: Real> {
  private let form: DecayForm
  let gamma: MutableRow<R>  // [L, L], 0 above the diagonal
  let fromStart: UnsafeMutablePointer<R>  // [L], gam
  let toEnd: UnsafeMutablePointer<R>  // [L], eta
  /// Cotangents, which the backward pass fills in; dGamma counts below the diagonal only.
  let dgamma: MutableRow<R>  // [L, L]
  let dfromStart: UnsafeMutablePointer<R>  // [L]
  let dtoEnd: UnsafeMutablePointer<R>  // [L]
  private let sums: UnsafeMutablePointer<R>  // [L], G
  private let carried: MutableRow<R>  // [L], Xi

  init(_ form: DecayForm, size: Int, arena: Arena) {
    self.form = form
    let width = lanes(size)
    gamma = arena.allocate(size * width)
    dgamma = arena.allocate(size * width)
    carried = arena.allocate(width)
    fromStart = arena.allocate(size)
    toEnd = arena.allocate(size)
    dfromStart = arena.allocate(size)
    dtoEnd = arena.allocate(size)
    sums = arena.allocate(size)
  }

  /// The factors of `size` tokens.
  func form(_ g: UnsafePointer<R>, size: Int) {
    switch form {
    case .runningSum: formDifferences(g, size: size)
    case .segments: formSegments(g, size: size)
    }
  }

  private func formSegments(_ g: UnsafePointer<R>, size: Int) {
    let width = lanes(size)
    let elements: UnsafeMutablePointer<R> = gamma.elements()
    gamma.update(repeating: .zero, count: width)
    elements[0] = 1
    fromStart[0] = g[0]
    for i in 1..<size {
      for j in 0..<width { gamma[i * width + j] = gamma[(i - 1) * width + j] * g[i] }
      elements[i * size + i] = 1
      fromStart[i] = fromStart[i - 1] * g[i]
    }
    for j in 0..<size { toEnd[j] = elements[(size - 1) * size + j] }
  }

  private func formDifferences(_ g: UnsafePointer<R>, size: Int) {
    let width = lanes(size)
    let elements: UnsafeMutablePointer<R> = gamma.elements()
    var sum = R.zero
    for i in 0..<size {
      sum += R.log(g[i])
      sums[i] = sum
    }
    let ends = sums.lanes
    for j in 0..<width {
      fromStart.lanes[j] = R.exp(ends[j])
      toEnd.lanes[j] = R.exp(sum - ends[j])
    }
    for i in 0..<size {
      if i > 0, sums[i] == sums[i - 1], sums[i].isFinite {
        // A token that does not decay, and every identity token of the padding, repeats the row before it.
        (gamma + i * width).update(from: gamma + (i - 1) * width, count: width)
        elements[i * size + i] = 1
      } else {
        formRow(i, width)
      }
    }
  }

  /// Row i of exp(G_i - G_j), zero for j > i.
  @inline(__always) private func formRow(_ i: Int, _ width: Int) {
    let row = gamma + i * width
    for j in 0...i / 8 { row[j] = R.exp(sums[i] - sums.lanes[j]) }
    let elements: UnsafeMutablePointer<R> = row.elements()
    (elements + i + 1).update(repeating: 0, count: width * 8 - (i + 1))
  }

  /// dg from the cotangents. `dlast` is that of the factor from the chunk's start to its end, where it multiplies
  /// the state.
  func gradient(_ g: UnsafePointer<R>, dlast: R, size: Int, into dg: UnsafeMutablePointer<R>) {
    switch form {
    case .runningSum: gradientByRowsAndColumns(g, dlast: dlast, size: size, into: dg)
    case .segments: gradientByCrossings(g, dlast: dlast, size: size, into: dg)
    }
  }

  private func gradientByCrossings(
    _ g: UnsafePointer<R>, dlast: R, size: Int, into dg: UnsafeMutablePointer<R>
  ) {
    let width = lanes(size)
    let xi: UnsafeMutablePointer<R> = carried.elements()
    for j in 0..<size { xi[j] = dtoEnd[j] }
    var start = dlast
    for i in (0..<size).reversed() {
      start += dfromStart[i]
      guard i > 0 else {
        dg[0] = start
        break
      }
      let before = gamma + (i - 1) * width
      var sum = Lane<R>.zero
      for j in 0..<width {
        carried[j] += dgamma[i * width + j]
        sum += carried[j] * before[j]
        carried[j] *= g[i]
      }
      dg[i] = sum.total + start * fromStart[i - 1]
      start *= g[i]
    }
  }

  private func gradientByRowsAndColumns(
    _ g: UnsafePointer<R>, dlast: R, size: Int, into dg: UnsafeMutablePointer<R>
  ) {
    let factors: UnsafeMutablePointer<R> = gamma.elements()
    let cotangents: UnsafeMutablePointer<R> = dgamma.elements()
    var ends = dlast * fromStart[size - 1]
    for i in 0..<size {
      sums[i] = fromStart[i] * dfromStart[i] - toEnd[i] * dtoEnd[i]
      ends += toEnd[i] * dtoEnd[i]
    }
    for i in 0..<size {
      for j in 0..<i {
        let crossing = cotangents[i * size + j] * factors[i * size + j]
        sums[i] += crossing
        sums[j] -= crossing
      }
    }
    // What belongs to the chunk's end comes first, as it would on the last identity token of a padded chunk.
    var sum = ends
    for t in (0..<size).reversed() {
      sum += sums[t]
      dg[t] = sum / g[t]
    }
  }
}
