//  Rows of eight-lane vectors.
//
//  Every row a kernel touches is padded with zeros to a multiple of eight elements, which contribute an exact
//  zero to every sum: no loop has a tail. The lanes fix the order of summation, whatever width the processor has:
//
//    sum_j x_j = tree(l_0 .. l_7),  l_i = x_i + x_(i+8) + x_(i+16) + ...

/// Eight numbers.
typealias Lane<R: Real> = SIMD8<R>
/// A padded row that is read.
typealias Row<R: Real> = UnsafePointer<SIMD8<R>>
/// A padded row that is written.
typealias MutableRow<R: Real> = UnsafeMutablePointer<SIMD8<R>>

/// Vectors that hold `count` elements.
func lanes(_ count: Int) -> Int { (count + 7) / 8 }

extension SIMD8 where Scalar: Real {
  /// The sum of the lanes, as a tree of halves.
  @inline(__always) var total: Scalar {
    let four = lowHalf + highHalf
    let two = four.lowHalf + four.highHalf
    return two.x + two.y
  }
}

/// The sums of the lanes of four vectors, each the tree that `total` is.
@inline(__always)
func totals<R: Real>(_ a: Lane<R>, _ b: Lane<R>, _ c: Lane<R>, _ d: Lane<R>) -> SIMD4<R> {
  let columns = transposed(
    a.lowHalf + a.highHalf, b.lowHalf + b.highHalf, c.lowHalf + c.highHalf, d.lowHalf + d.highHalf)
  return (columns.0 + columns.2) + (columns.1 + columns.3)
}

/// <a, b> over `count` vectors.
@inline(__always)
func dot<R: Real>(_ a: Row<R>, _ b: Row<R>, _ count: Int) -> R {
  var sum = Lane<R>.zero
  for j in 0..<count { sum += a[j] * b[j] }
  return sum.total
}

extension UnsafeMutablePointer {
  /// The elements of a padded row, one by one.
  @inline(__always) func elements<R: Real>() -> UnsafeMutablePointer<R> where Pointee == SIMD8<R> {
    UnsafeMutableRawPointer(self).assumingMemoryBound(to: R.self)
  }
}

extension UnsafePointer {
  /// The elements of a padded row, one by one.
  @inline(__always) func elements<R: Real>() -> UnsafePointer<R> where Pointee == SIMD8<R> {
    UnsafeRawPointer(self).assumingMemoryBound(to: R.self)
  }
}

extension UnsafeMutablePointer where Pointee: Real {
  /// Elements that fill whole vectors, eight at a time.
  @inline(__always) var lanes: MutableRow<Pointee> {
    UnsafeMutableRawPointer(self).assumingMemoryBound(to: Lane<Pointee>.self)
  }
}
