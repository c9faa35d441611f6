//  q and k as the recurrence takes them, and the way back:
//
//    r = 1 / sqrt(<x, x> + epsilon);   n = r x;   x^ = s n                 s: the scale, 1 for keys
//    dn = s dx^;   dx = r (dn - n <n, dn>)
//
//  r = 1 and dx = dn where the contract takes them as they are.

import GatedDeltaRule

/// Padded rows that were normalised and scaled in place, and what their gradients are made of.
struct NormalisedRows<R: Real>: @unchecked Sendable {
  /// Vectors of a row.
  private let width: Int
  private let count: Int
  private let scale: R
  /// n, and r of each row; nil where nothing is normalised.
  private let unit: (rows: MutableRow<R>, factors: UnsafeMutablePointer<R>)?

  /// Changes `count` rows of `width` vectors.
  init(
    _ rows: MutableRow<R>, count: Int, width: Int, _ queryKey: Contract.QueryKey, scale: Double, arena: Arena
  ) {
    (self.width, self.count, self.scale) = (width, count, R(scale))
    if case .l2norm(let epsilon) = queryKey {
      let factors: UnsafeMutablePointer<R> = arena.allocate(count)
      let units: MutableRow<R> = arena.allocate(count * width)
      for row in 0..<count {
        let x = Row(rows + row * width)
        factors[row] = 1 / (dot(x, x, width) + R(epsilon)).squareRoot()
        for j in 0..<width { units[row * width + j] = x[j] * factors[row] }
      }
      rows.update(from: units, count: count * width)
      unit = (units, factors)
    } else {
      unit = nil
    }
    guard scale != 1 else { return }
    for j in 0..<count * width { rows[j] *= self.scale }
  }

  /// Turns gradients of the rows as they are now into those of the rows as they were.
  func pullBack(_ gradients: MutableRow<R>) {
    if scale != 1 { for j in 0..<count * width { gradients[j] *= scale } }
    guard let unit else { return }
    for row in 0..<count {
      let (n, dn) = (unit.rows + row * width, gradients + row * width)
      let along = dot(Row(n), Row(dn), width)
      for j in 0..<width { dn[j] = (dn[j] - n[j] * along) * unit.factors[row] }
    }
  }
}
