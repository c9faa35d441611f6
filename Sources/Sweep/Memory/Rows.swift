/// Four rows of one state side by side, one per lane.
///
/// Rows of a state never meet in the recurrence (only in the sums of dq, dk, dg and dbeta), so a lane does
/// exactly what the scalar recurrence does, in the same order, whatever its neighbours hold.
package typealias Rows = SIMD4<Double>

extension SIMD4 where Scalar == Double {
  /// |x|, lane by lane.
  @inlinable @inline(__always)
  package var magnitude: Self {
    let withoutSign = SIMD4<UInt64>(repeating: 0x7FFF_FFFF_FFFF_FFFF)
    return unsafeBitCast(unsafeBitCast(self, to: SIMD4<UInt64>.self) & withoutSign, to: Self.self)
  }

  /// The larger of each pair.
  @inlinable @inline(__always)
  package func maximum(_ other: Self) -> Self { replacing(with: other, where: other .> self) }

  /// The smaller of each pair.
  @inlinable @inline(__always)
  package func minimum(_ other: Self) -> Self { replacing(with: other, where: other .< self) }

  /// The square roots, NaN of what is negative. Said here, since `squareRoot()` leaves those to the C library, which
  /// sets errno: a branch and a call for each lane in place of one instruction for all.
  @inlinable @inline(__always)
  package var root: Self { Self(root(0), root(1), root(2), root(3)) }

  @inlinable @inline(__always)
  package func root(_ lane: Int) -> Double { (self[lane] < 0 ? .nan : self[lane]).squareRoot() }
}
