/// A matrix in memory.
struct Rows<Number: TwinNumber> {
  let base: UnsafeMutablePointer<Number>
  let stride: Int
  let rows: Int, columns: Int

  var width: Int { (columns + 7) & ~7 }

  @inline(__always) func row(_ i: Int) -> UnsafeMutablePointer<Number> { base + i * stride }

  @inline(__always) func lanes(_ i: Int, _ j: Int) -> SIMD8<Number> {
    UnsafeRawPointer(base + (i * stride + j)).loadUnaligned(as: SIMD8<Number>.self)
  }

  @inline(__always) func store(_ lanes: SIMD8<Number>, _ i: Int, _ j: Int) {
    UnsafeMutableRawPointer(base + (i * stride + j)).storeBytes(of: lanes, as: SIMD8<Number>.self)
  }
}

/// out = A B or out += A B, every element the sum over k in ascending order. With `transposed`, A^T B.
@inline(__always) func multiply<Number: TwinNumber>(
  _ A: Rows<Number>, transposed: Bool = false, _ B: Rows<Number>, to out: Rows<Number>, adding: Bool
) {
  let inner = B.rows
  let (rowStep, innerStep) = transposed ? (1, A.stride) : (A.stride, 1)
  for j in stride(from: 0, to: out.width, by: 8) {
    var i = 0
    while i + 4 <= out.rows {
      var (s0, s1, s2, s3) = (SIMD8<Number>.zero, SIMD8<Number>.zero, SIMD8<Number>.zero, SIMD8<Number>.zero)
      var a = A.base + i * rowStep
      for k in 0..<inner {
        let b = B.lanes(k, j)
        s0 += b * a[0]
        s1 += b * a[rowStep]
        s2 += b * a[2 * rowStep]
        s3 += b * a[3 * rowStep]
        a += innerStep
      }
      out.store(adding ? out.lanes(i, j) + s0 : s0, i, j)
      out.store(adding ? out.lanes(i + 1, j) + s1 : s1, i + 1, j)
      out.store(adding ? out.lanes(i + 2, j) + s2 : s2, i + 2, j)
      out.store(adding ? out.lanes(i + 3, j) + s3 : s3, i + 3, j)
      i += 4
    }
    while i < out.rows {
      var sum = SIMD8<Number>.zero
      var a = A.base + i * rowStep
      for k in 0..<inner {
        sum += B.lanes(k, j) * a[0]
        a += innerStep
      }
      out.store(adding ? out.lanes(i, j) + sum : sum, i, j)
      i += 1
    }
  }
}

/// out = A B^T or out += A B^T, every element a sum of eight sums.
@inline(__always) func multiplyBySecondTransposed<Number: TwinNumber>(
  _ A: Rows<Number>, _ B: Rows<Number>, to out: Rows<Number>, adding: Bool
) {
  for i in 0..<out.rows {
    let row = out.row(i)
    var j = 0
    while j + 4 <= B.rows {
      var (s0, s1, s2, s3) = (SIMD8<Number>.zero, SIMD8<Number>.zero, SIMD8<Number>.zero, SIMD8<Number>.zero)
      for k in stride(from: 0, to: A.width, by: 8) {
        let a = A.lanes(i, k)
        s0 += a * B.lanes(j, k)
        s1 += a * B.lanes(j + 1, k)
        s2 += a * B.lanes(j + 2, k)
        s3 += a * B.lanes(j + 3, k)
      }
      row[j] = (adding ? row[j] : 0) + total(s0)
      row[j + 1] = (adding ? row[j + 1] : 0) + total(s1)
      row[j + 2] = (adding ? row[j + 2] : 0) + total(s2)
      row[j + 3] = (adding ? row[j + 3] : 0) + total(s3)
      j += 4
    }
    while j < B.rows {
      row[j] = (adding ? row[j] : 0) + dot(A.row(i), B.row(j), A.width)
      j += 1
    }
  }
}

/// Of two rows of a multiple of eight numbers.
@inline(__always) func dot<Number: TwinNumber>(
  _ a: UnsafeMutablePointer<Number>, _ b: UnsafeMutablePointer<Number>, _ width: Int
) -> Number {
  var sum = SIMD8<Number>.zero
  for k in stride(from: 0, to: width, by: 8) {
    sum +=
      UnsafeRawPointer(a + k).loadUnaligned(as: SIMD8<Number>.self)
      * UnsafeRawPointer(b + k).loadUnaligned(as: SIMD8<Number>.self)
  }
  return total(sum)
}

@inline(__always) private func total<Number: TwinNumber>(_ x: SIMD8<Number>) -> Number {
  let four = x.lowHalf + x.highHalf
  let two = four.lowHalf + four.highHalf
  return two[0] + two[1]
}
