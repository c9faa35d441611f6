extension Tape {
  /// Running sums down the rows, or along the only row.
  func accumulated(_ a: Block, alongRow: Bool) -> Block {
    let out = zeros(a.rows, a.columns)
    let (x, z) = (rows(a), rows(out))
    if alongRow {
      var sum: Number = 0
      for j in 0..<a.columns {
        sum += x.base[j]
        z.base[j] = sum
      }
    } else {
      for i in 0..<a.rows {
        for j in 0..<a.columns { z.row(i)[j] = x.row(i)[j] + (i > 0 ? z.row(i - 1)[j] : 0) }
      }
    }
    note(.accumulate(a, alongRow: alongRow, out))
    return out
  }

  func differentiateAccumulate(_ a: Block, alongRow: Bool, _ out: Block) {
    let (d, da) = (gradientRows(out), gradientRows(a))
    let steps = alongRow ? a.columns : a.rows
    for j in 0..<(alongRow ? 1 : a.columns) {
      var sum: Number = 0
      for step in (0..<steps).reversed() {
        let place = alongRow ? step : step * d.stride + j
        sum += d.base[place]
        da.base[alongRow ? step : step * da.stride + j] += sum
      }
    }
  }

  /// A - a, or a - A, where a is row `index` of A, or its entry where A is a vector.
  func relative(_ a: Block, to index: Int, alongRow: Bool, negative: Bool) -> Block {
    let out = zeros(a.rows, a.columns)
    let sign: Number = negative ? -1 : 1
    for i in 0..<a.rows {
      for j in 0..<a.columns {
        rows(out).row(i)[j] =
          sign * (rows(a).row(i)[j] - rows(a).row(alongRow ? 0 : index)[alongRow ? index : j])
      }
    }
    note(.relative(a, index: index, alongRow: alongRow, negative: negative, out))
    return out
  }

  func differentiateRelative(_ a: Block, index: Int, alongRow: Bool, negative: Bool, _ out: Block) {
    let sign: Number = negative ? -1 : 1
    let (d, da) = (gradientRows(out), gradientRows(a))
    for i in 0..<a.rows {
      for j in 0..<a.columns {
        let change = sign * d.row(i)[j]
        da.row(i)[j] += change
        da.row(alongRow ? 0 : index)[alongRow ? index : j] -= change
      }
    }
  }

  /// exp(G_i - G_j) for j <= i.
  func decay(_ G: Block) -> Block {
    let n = G.columns
    let out = zeros(n, n)
    let sums = value(G)
    for i in 0..<n {
      let row = rows(out).row(i)
      for j in 0..<i { row[j] = Number.exponential(sums[i] - sums[j]) }
    }
    note(.decay(G, out))
    // Nothing lies between a token and itself.
    for i in 0..<n { rows(out).row(i)[i] = 1 }
    return out
  }

  func differentiateDecay(_ G: Block, _ out: Block) {
    let dG = gradient(G)
    for i in 0..<G.columns {
      let (factors, d) = (rows(out).row(i), gradientRows(out).row(i))
      var sum: Number = 0
      for j in 0..<i {
        let crossing = factors[j] * d[j]
        dG[j] -= crossing
        sum += crossing
      }
      dG[i] += sum
    }
  }

  /// sum_c X_ic Y_jc exp(G_ic - G_jc) for j <= i, into a part of a matrix of zeros.
  func pairs(_ x: Block, _ y: Block, _ G: Block, to out: Block) {
    for i in 0..<x.rows {
      let row = rows(out).row(i)
      for j in 0...i {
        var sum: Number = 0
        eachChannel(x, y, G, i, j) { _, a, b, factor in sum += a * b * factor }
        row[j] = sum
      }
    }
    note(.pairs(x, y, G, out))
  }

  func differentiatePairs(_ x: Block, _ y: Block, _ G: Block, _ out: Block) {
    let (dx, dy, dG) = (gradientRows(x), gradientRows(y), gradientRows(G))
    for i in 0..<x.rows {
      for j in 0...i {
        let d = gradientRows(out).row(i)[j]
        eachChannel(x, y, G, i, j) { c, a, b, factor in
          dx.row(i)[c] += d * b * factor
          dy.row(j)[c] += d * a * factor
          let crossing = i == j ? 0 : d * a * b * factor
          dG.row(i)[c] += crossing
          dG.row(j)[c] -= crossing
        }
      }
    }
  }

  @inline(__always) private func eachChannel(
    _ x: Block, _ y: Block, _ G: Block, _ i: Int, _ j: Int, _ body: (Int, Number, Number, Number) -> Void
  ) {
    let (a, b) = (rows(x).row(i), rows(y).row(j))
    let (now, then) = (rows(G).row(i), rows(G).row(j))
    for c in 0..<x.columns {
      body(c, a[c], b[c], i == j ? 1 : Number.exponential(now[c] - then[c]))
    }
  }
}
