import GatedDeltaRule

/// How far an answer is from another one on the same problem, per quantity that both have: the largest
/// difference over the largest element of the other.
///
/// Entries of masked tokens carry no meaning and do not count. `dg` is weighed by g: g * dg is the derivative by
/// log g, and at g = 1e-12 the quotient dg itself is nothing but the rounding of a chunked form.
func difference(
  of answer: Evaluation, from other: Evaluation, on problem: Problem
) -> [Quantity: Double] {
  var differences: [Quantity: Double] = [:]
  for (quantity, theirs) in other.results {
    guard let ours = answer[quantity] else { continue }
    let weights: [Double]? =
      if quantity == .dg, case .core(let g, _) = problem.primals.gates { g.values } else { nil }
    guard ours.shape == theirs.shape else {
      differences[quantity] = .nan
      continue
    }
    differences[quantity] = relativeDifference(
      ours.values, theirs.values, weights: weights, mask: quantity.isPerToken ? problem.mask : nil)
  }
  return differences
}

private func relativeDifference(
  _ ours: [Double], _ theirs: [Double], weights: [Double]?, mask: Mask?
) -> Double {
  let width = mask.map { $0.live.isEmpty ? 1 : theirs.count / $0.live.count } ?? 1
  var (largest, scale) = (0.0, 0.0)
  for index in theirs.indices {
    if let mask, !mask.live[index / width] { continue }
    let weight = weights?[index] ?? 1
    largest = worse(largest, (ours[index] - theirs[index]).magnitude * weight)
    scale = worse(scale, theirs[index].magnitude * weight)
  }
  return largest == 0 ? 0 : largest / scale
}

/// The larger of two, where NaN is larger than everything.
func worse(_ a: Double, _ b: Double) -> Double {
  if a.isNaN || b.isNaN { return .nan }
  return max(a, b)
}
