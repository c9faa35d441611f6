import GatedDeltaRule

/// Where shares of dq and dk are formed in fp16 they may pass its largest number before the layer or after it: of a share
/// of magnitude M, at most  max(M, |s| r (M + |n| Σ |n| M))  is formed. What is summed over the heads of a group is no
/// larger than the sum of such magnitudes.
extension QueryKeyLayer {
  /// Makes the sums of magnitudes those of the larger side of the layer, in place.
  func widen(_ partials: PartialBuffers?) {
    if let sizes = partials?.dq?.values { widen(sizes, q, queryFactors, scale: scale) }
    if let sizes = partials?.dk?.values { widen(sizes, k, keyFactors, scale: 1) }
  }

  private func widen(
    _ sizes: UnsafeMutablePointer<Double>, _ rows: [Double], _ factors: [Double], scale: Double
  ) {
    for row in factors.indices {
      let places = row * K..<(row + 1) * K
      let along = isNormalised ? places.reduce(0) { $0 + (rows[$1] / scale).magnitude * sizes[$1] } : 0
      for j in places {
        let after = scale.magnitude * factors[row] * (sizes[j] + (rows[j] / scale).magnitude * along)
        sizes[j] = max(sizes[j], after)
      }
    }
  }
}
