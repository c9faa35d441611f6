/// The transpose of `rows` padded rows of `columns` elements, both multiples of 8, by tiles of 8 x 8.
func transpose<R: Real>(_ source: Row<R>, rows: Int, columns: Int, to target: MutableRow<R>) {
  let (width, height) = (columns / 8, rows / 8)
  for i in 0..<height {
    for j in 0..<width {
      transposeTile(source + i * 8 * width + j, width, to: target + j * 8 * height + i, height)
    }
  }
}

/// Eight rows `from` apart become eight rows `to` apart: halves exchanged, then quarters, then single elements.
@inline(__always)
private func transposeTile<R: Real>(
  _ source: Row<R>, _ from: Int, to target: MutableRow<R>, _ to: Int
) {
  typealias Half = SIMD4<R>
  @inline(__always) func load(_ row: Int) -> (low: Half, high: Half) {
    (source[row * from].lowHalf, source[row * from].highHalf)
  }
  let (r0, r1, r2, r3) = (load(0), load(1), load(2), load(3))
  let (r4, r5, r6, r7) = (load(4), load(5), load(6), load(7))
  let a = transposed(r0.low, r1.low, r2.low, r3.low)
  let b = transposed(r4.low, r5.low, r6.low, r7.low)
  let c = transposed(r0.high, r1.high, r2.high, r3.high)
  let d = transposed(r4.high, r5.high, r6.high, r7.high)
  target[0] = Lane<R>(lowHalf: a.0, highHalf: b.0)
  target[to] = Lane<R>(lowHalf: a.1, highHalf: b.1)
  target[2 * to] = Lane<R>(lowHalf: a.2, highHalf: b.2)
  target[3 * to] = Lane<R>(lowHalf: a.3, highHalf: b.3)
  target[4 * to] = Lane<R>(lowHalf: c.0, highHalf: d.0)
  target[5 * to] = Lane<R>(lowHalf: c.1, highHalf: d.1)
  target[6 * to] = Lane<R>(lowHalf: c.2, highHalf: d.2)
  target[7 * to] = Lane<R>(lowHalf: c.3, highHalf: d.3)
}

/// Rows become columns.
@inline(__always)
func transposed<R: Real>(
  _ a: SIMD4<R>, _ b: SIMD4<R>, _ c: SIMD4<R>, _ d: SIMD4<R>
) -> (SIMD4<R>, SIMD4<R>, SIMD4<R>, SIMD4<R>) {
  (
    SIMD4<R>(a.x, b.x, c.x, d.x), SIMD4<R>(a.y, b.y, c.y, d.y), SIMD4<R>(a.z, b.z, c.z, d.z),
    SIMD4<R>(a.w, b.w, c.w, d.w)
  )
}
