//  The cotangents of the factors above, brought back to g, channel by channel.
//
//  segments     the adjoint of every product, from the last sub-block to the first. Inside one it is the crossing sum
//               dg_i = sum_(j<i) Xi_ij D_(i-1)j,   Xi_ij = dD_ij + g_(i+1) Xi_(i+1)j
//               and of an anchor that of L^I_j = L^(I-1)_j (D_(a-1)(a-16) g_a). Nothing is divided, not even at g = 0.
//  running sum  N = d(factor) o factor belongs to the two rows whose sums it is the difference of, with opposite signs;
//               dlog g_t = sum_(i>=t) dG_i, or 0 where g_t is 0. It stays a gradient by log g: divided by a g near the end of
//               the range it would leave it.

extension ChannelDecay {
  /// Every cotangent of `count` rows at zero.
  func clearCotangents(_ count: Int) {
    for matrix in [dfromStart, dtoEnd] { matrix.update(repeating: .zero, count: count * width) }
    for a in stride(from: 0, to: count, by: ChannelDecay.block) {
      for i in rows(from: a, of: count) {
        dinside(i, a).update(repeating: .zero, count: ChannelDecay.block * width)
      }
      dbefore(a, 0).update(repeating: .zero, count: a * width)
    }
  }

  /// dg of `count` rows, from a running sum dlog g. `dlast` is the cotangent of the factor from the chunk's start to its end, where it multiplies the
  /// state.
  func gradient(dlast: Row<R>, _ count: Int, into dg: MutableRow<R>) {
    switch form {
    case .runningSum: gradientByRowsAndColumns(dlast: dlast, count, into: dg)
    case .segments: gradientByCrossings(dlast: dlast, count, into: dg)
    }
  }

  private func gradientByCrossings(dlast: Row<R>, _ count: Int, into dg: MutableRow<R>) {
    dg.update(repeating: .zero, count: count * width)
    bringBackEnd(count)
    for a in stride(from: lastAnchor(of: count), through: 0, by: -ChannelDecay.block) {
      bringBackInside(rows(from: a, of: count), into: dg)
      if a > 0 { bringBackLeft(a, into: dg) }
    }
    let start = row(carried, 0)
    start.update(from: dlast, count: width)
    for i in (0..<count).reversed() {
      for c in 0..<width {
        start[c] += row(dfromStart, i)[c]
        row(dg, i)[c] += i > 0 ? start[c] * row(fromStart, i - 1)[c] : start[c]
        start[c] *= row(g, i)[c]
      }
    }
  }

  /// The adjoint of eta, which is made of what leads to the last anchor and on from there. The sums are those that an
  /// identity token behind the last one would lead to, so that a pad changes no bit.
  private func bringBackEnd(_ count: Int) {
    let (last, anchor) = (count - 1, lastAnchor(of: count))
    for c in 0..<width {
      let step = inside(last, anchor)[c]
      var dstep = Lane<R>.zero
      for j in 0..<anchor {
        let cotangent = row(dtoEnd, j)[c]
        dbefore(anchor, j)[c] += cotangent * step
        dstep += cotangent * before(anchor, j)[c]
      }
      dinside(last, anchor)[c] += row(dtoEnd, anchor)[c] + dstep
      for j in anchor + 1..<count { dinside(last, j)[c] += row(dtoEnd, j)[c] }
    }
  }

  private func bringBackInside(_ rows: Range<Int>, into dg: MutableRow<R>) {
    carried.update(repeating: .zero, count: ChannelDecay.block * width)
    for i in rows.dropFirst().reversed() {
      for j in rows.lowerBound..<i {
        let xi = row(carried, j - rows.lowerBound)
        for c in 0..<width {
          xi[c] += dinside(i, j)[c]
          row(dg, i)[c] += xi[c] * inside(i - 1, j)[c]
          xi[c] *= row(g, i)[c]
        }
      }
    }
  }

  private func bringBackLeft(_ a: Int, into dg: MutableRow<R>) {
    let previous = a - ChannelDecay.block
    let (whole, dwhole) = (inside(a - 1, previous), dinside(a - 1, previous))
    for c in 0..<width {
      let (factor, step) = (row(g, a)[c], whole[c] * row(g, a)[c])
      var (dfactor, dstep) = (Lane<R>.zero, Lane<R>.zero)
      for j in 0..<previous {
        dbefore(previous, j)[c] += dbefore(a, j)[c] * step
        dstep += dbefore(a, j)[c] * before(previous, j)[c]
      }
      for j in previous..<a { dfactor += dbefore(a, j)[c] * inside(a - 1, j)[c] }
      dwhole[c] += dbefore(a, previous)[c] * factor + dstep * factor
      for j in previous + 1..<a { dinside(a - 1, j)[c] += dbefore(a, j)[c] * factor }
      row(dg, a)[c] += dfactor + dstep * whole[c]
    }
  }

  private func gradientByRowsAndColumns(dlast: Row<R>, _ count: Int, into dg: MutableRow<R>) {
    let end = row(carried, 0)
    for c in 0..<width { end[c] = dlast[c] * row(fromStart, count - 1)[c] }
    for i in 0..<count {
      for c in 0..<width {
        let ofEnd = row(toEnd, i)[c] * row(dtoEnd, i)[c]
        end[c] += ofEnd
        row(sums, i)[c] = row(fromStart, i)[c] * row(dfromStart, i)[c] - ofEnd
      }
    }
    for a in stride(from: 0, to: count, by: ChannelDecay.block) {
      for i in rows(from: a, of: count) {
        for j in a..<i { addCrossing(dinside(i, j), inside(i, j), to: i, from: j) }
      }
      for j in 0..<a { addCrossing(dbefore(a, j), before(a, j), to: a, from: j) }
    }
    for t in (0..<count).reversed() {
      for c in 0..<width {
        end[c] += row(sums, t)[c]
        row(dg, t)[c] = end[c].replacing(with: 0, where: row(g, t)[c] .== 0)
      }
    }
  }

  @inline(__always)
  private func addCrossing(_ cotangent: MutableRow<R>, _ factor: MutableRow<R>, to i: Int, from j: Int) {
    for c in 0..<width {
      let crossing = cotangent[c] * factor[c]
      row(sums, i)[c] += crossing
      row(sums, j)[c] -= crossing
    }
  }
}
