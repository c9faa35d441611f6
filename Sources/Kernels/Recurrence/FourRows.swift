//  Four state rows at a time, one after the other in memory, and their dot products in an order of summation:
//
//    decay   rows = g old,              <rows, k>
//    add     rows += scale x^T,         <rows, z>
//    erase   rows -= write k^T,         <rows, old>,   rows = g rows

/// The decay of one token: one factor, or one for each key channel.
struct RowDecay<R: Real> {
  private let factor: Lane<R>
  private let channels: Row<R>?

  init(_ token: Token<R>, perChannel: Bool) {
    self = perChannel ? RowDecay(channelsOf: token) : RowDecay(Lane<R>(repeating: token.g[0]))
  }

  /// The same vector for all of a row.
  @inline(__always) init(_ vector: Lane<R>) { (factor, channels) = (vector, nil) }

  /// A vector for each vector of a row.
  @inline(__always) init(channelsOf token: Token<R>) {
    (factor, channels) = (.zero, UnsafeRawPointer(token.g).assumingMemoryBound(to: Lane<R>.self))
  }

  /// Of vector `j` of a row.
  @inline(__always) subscript(j: Int) -> Lane<R> { channels?[j] ?? factor }
}

/// An order of summation over the key channels.
protocol DotOrder {
  /// <a, b>.
  static func inner<R: Real>(_ a: Row<R>, _ b: Row<R>, _ width: Int) -> R
  static func decay<R: Real>(
    _ old: Row<R>, by g: RowDecay<R>, to rows: MutableRow<R>, against k: Row<R>, _ width: Int
  ) -> SIMD4<R>
  static func add<R: Real>(
    _ scale: SIMD4<R>, _ x: Row<R>, to rows: MutableRow<R>, against z: Row<R>, _ width: Int
  ) -> SIMD4<R>
  static func erase<R: Real>(
    _ write: SIMD4<R>, _ k: Row<R>, from rows: MutableRow<R>, against old: Row<R>, by g: RowDecay<R>,
    _ width: Int
  ) -> SIMD4<R>
}

extension DotOrder {
  static func decay<R: Real>(
    _ old: Row<R>, by g: RowDecay<R>, to rows: MutableRow<R>, against k: Row<R>, _ width: Int
  ) -> SIMD4<R> {
    for j in 0..<width {
      for r in 0..<4 { rows[r * width + j] = old[r * width + j] * g[j] }
    }
    return inner(Row(rows), k, rowStride: 0, width)
  }

  static func add<R: Real>(
    _ scale: SIMD4<R>, _ x: Row<R>, to rows: MutableRow<R>, against z: Row<R>, _ width: Int
  ) -> SIMD4<R> {
    for j in 0..<width {
      for r in 0..<4 { rows[r * width + j] += scale[r] * x[j] }
    }
    return inner(Row(rows), z, rowStride: 0, width)
  }

  static func erase<R: Real>(
    _ write: SIMD4<R>, _ k: Row<R>, from rows: MutableRow<R>, against old: Row<R>, by g: RowDecay<R>,
    _ width: Int
  ) -> SIMD4<R> {
    for j in 0..<width {
      for r in 0..<4 { rows[r * width + j] -= write[r] * k[j] }
    }
    let products = inner(Row(rows), old, rowStride: width, width)
    for j in 0..<width {
      for r in 0..<4 { rows[r * width + j] *= g[j] }
    }
    return products
  }

  /// Each of four rows with a row of its own, or with one and the same.
  private static func inner<R: Real>(
    _ rows: Row<R>, _ other: Row<R>, rowStride: Int, _ width: Int
  ) -> SIMD4<R> {
    var products = SIMD4<R>.zero
    for r in 0..<4 { products[r] = inner(rows + r * width, other + r * rowStride, width) }
    return products
  }
}

/// Eight interleaved partial sums; the rows are passed over once.
enum Interleaved: DotOrder {
  @inline(__always)
  static func inner<R: Real>(_ a: Row<R>, _ b: Row<R>, _ width: Int) -> R { dot(a, b, width) }

  @inline(never)
  static func decay<R: Real>(
    _ old: Row<R>, by g: RowDecay<R>, to rows: MutableRow<R>, against k: Row<R>, _ width: Int
  ) -> SIMD4<R> {
    var (p0, p1, p2, p3) = (Lane<R>.zero, Lane<R>.zero, Lane<R>.zero, Lane<R>.zero)
    for j in 0..<width {
      let (gj, kj) = (g[j], k[j])
      let (s0, s1) = (old[j] * gj, old[width + j] * gj)
      let (s2, s3) = (old[2 * width + j] * gj, old[3 * width + j] * gj)
      (rows[j], rows[width + j], rows[2 * width + j], rows[3 * width + j]) = (s0, s1, s2, s3)
      p0 += s0 * kj
      p1 += s1 * kj
      p2 += s2 * kj
      p3 += s3 * kj
    }
    return totals(p0, p1, p2, p3)
  }

  @inline(never)
  static func add<R: Real>(
    _ scale: SIMD4<R>, _ x: Row<R>, to rows: MutableRow<R>, against z: Row<R>, _ width: Int
  ) -> SIMD4<R> {
    let (a0, a1) = (Lane<R>(repeating: scale.x), Lane<R>(repeating: scale.y))
    let (a2, a3) = (Lane<R>(repeating: scale.z), Lane<R>(repeating: scale.w))
    var (p0, p1, p2, p3) = (Lane<R>.zero, Lane<R>.zero, Lane<R>.zero, Lane<R>.zero)
    for j in 0..<width {
      let (xj, zj) = (x[j], z[j])
      let (s0, s1) = (rows[j] + a0 * xj, rows[width + j] + a1 * xj)
      let (s2, s3) = (rows[2 * width + j] + a2 * xj, rows[3 * width + j] + a3 * xj)
      (rows[j], rows[width + j], rows[2 * width + j], rows[3 * width + j]) = (s0, s1, s2, s3)
      p0 += s0 * zj
      p1 += s1 * zj
      p2 += s2 * zj
      p3 += s3 * zj
    }
    return totals(p0, p1, p2, p3)
  }

  @inline(never)
  static func erase<R: Real>(
    _ write: SIMD4<R>, _ k: Row<R>, from rows: MutableRow<R>, against old: Row<R>, by g: RowDecay<R>,
    _ width: Int
  ) -> SIMD4<R> {
    let (a0, a1) = (Lane<R>(repeating: write.x), Lane<R>(repeating: write.y))
    let (a2, a3) = (Lane<R>(repeating: write.z), Lane<R>(repeating: write.w))
    var (p0, p1, p2, p3) = (Lane<R>.zero, Lane<R>.zero, Lane<R>.zero, Lane<R>.zero)
    for j in 0..<width {
      let (gj, kj) = (g[j], k[j])
      let (s0, s1) = (rows[j] - a0 * kj, rows[width + j] - a1 * kj)
      let (s2, s3) = (rows[2 * width + j] - a2 * kj, rows[3 * width + j] - a3 * kj)
      p0 += s0 * old[j]
      p1 += s1 * old[width + j]
      p2 += s2 * old[2 * width + j]
      p3 += s3 * old[3 * width + j]
      (rows[j], rows[width + j], rows[2 * width + j], rows[3 * width + j]) = (
        s0 * gj, s1 * gj, s2 * gj, s3 * gj
      )
    }
    return totals(p0, p1, p2, p3)
  }
}

/// 32 partial sums over width / 4 consecutive channels each, added up as a butterfly.
enum ConsecutiveLanes: DotOrder {
  @inline(__always)
  static func inner<R: Real>(_ a: Row<R>, _ b: Row<R>, _ width: Int) -> R {
    let left: UnsafePointer<R> = a.elements()
    let right: UnsafePointer<R> = b.elements()
    let channels = width / 4
    var sums = SIMD32<R>.zero
    for lane in 0..<32 {
      var sum = R.zero
      for c in lane * channels..<(lane + 1) * channels { sum += left[c] * right[c] }
      sums[lane] = sum
    }
    let sixteen = sums.lowHalf + sums.highHalf
    return (sixteen.lowHalf + sixteen.highHalf).total
  }
}
