/// Where a comparison need not look closer: sixteen elements at a time whose error is certainly no worse than the
/// worst so far.
package enum Screening {
  /// What an element may be off by, as in `Comparison`: factor A + u |o| + underflow.
  package typealias Allowance = (factor: Double, u: Double, underflow: Double)

  /// The first sixteen elements among which one may not be a number whose error is at most `passed` times what is
  /// allowed, or what is left when fewer are.
  package static func end(
    _ elements: Range<Int>, found: UnsafePointer<Double>, reference: UnsafePointer<Double>,
    bound: UnsafePointer<Double>, _ allowance: Allowance, passed: Double
  ) -> Int {
    var first = elements.lowerBound
    while elements.upperBound - first >= 16 {
      var arePassed = SIMDMask<SIMD4<Int64>>(repeating: true)
      for i in stride(from: first, to: first + 16, by: 4) {
        let o = rows(reference + i)
        let error = (rows(found + i) - o).magnitude
        let allowed =
          rows(bound + i) * allowance.factor + o.magnitude * allowance.u + allowance.underflow
        arePassed .&= error .<= allowed * passed
        // An inf may be allowed; it is looked at all the same.
        arePassed .&= error .<= Double.greatestFiniteMagnitude
      }
      guard all(arePassed) else { return first }
      first += 16
    }
    return first
  }

  @inline(__always)
  private static func rows(_ elements: UnsafePointer<Double>) -> Rows {
    UnsafeRawPointer(elements).loadUnaligned(as: Rows.self)
  }
}
