import GatedDeltaRule

/// q and k as the recurrence takes them where the contract normalises or scales them, and what they are off by:
///
///     r = 1 / sqrt(<x, x> + epsilon);   n = r x;   x^ = s n             s: the scale, 1 for keys
///
/// With K channels the sum is off by K u of itself, all its terms being positive, r by K u / 2 and the roundings of the
/// addition, the root and the division, n and x^ by one more each:
///
///     eps_r = (K / 2 + 3) u;   |x^ as an implementation has it - x^| <= eps |x^|,   eps = eps_r + u  [+ 2 u where s is not 1]
///
/// in every element. Where it is declared that they are normalised in a coarser format, of roundoff p, the squares, their
/// sum, that and epsilon, the root, n and x^ are each rounded to it: 3.5 p more, and 2 p where s is not 1, of s and of x^.
/// An implementation has one q^ and one k^, so the sweep bounds what becomes of a key and a query that
/// are off by so much, and what it says of the roundings in its products stays as it is. Rows of masked tokens are zero.
package final class QueryKeyLayer {
  let problem: Problem
  let K: Int
  package let scale: Double
  /// [B, T, Hk, Dk].
  package let q, k: [Double]
  /// r of each row of q and of k, [B, T, Hk].
  package let queryFactors, keyFactors: [Double]
  /// The largest number on the way.
  private(set) var largest = 0.0
  package let isNormalised: Bool

  /// Nil where q and k are taken as they are.
  package init?(_ problem: Problem) {
    let contract = problem.contract
    guard !contract.keepsQueryAndKey else { return nil }
    self.problem = problem
    (K, scale) = (problem.shape.Dk, contract.scaleFactor(Dk: problem.shape.Dk))
    isNormalised = contract.queryKey != .given
    var largest = scale
    (q, queryFactors) = QueryKeyLayer.rows(problem.primals.q, problem, scale: scale, &largest)
    (k, keyFactors) = QueryKeyLayer.rows(problem.primals.k, problem, scale: 1, &largest)
    self.largest = largest
  }

  private static func rows(
    _ tensor: Tensor, _ problem: Problem, scale: Double, _ largest: inout Double
  ) -> (rows: [Double], factors: [Double]) {
    let (shape, K) = (problem.shape, problem.shape.Dk)
    var rows = [Double](repeating: 0, count: tensor.values.count)
    var factors = [Double](repeating: 1, count: shape.B * shape.T * shape.Hk)
    for row in factors.indices where problem.mask?.live[row / shape.Hk] ?? true {
      let x = tensor.values[row * K..<(row + 1) * K]
      if case .l2norm(let epsilon) = problem.contract.queryKey {
        let square = x.reduce(epsilon) { $0 + $1 * $1 }
        factors[row] = 1 / square.squareRoot()
        if !(square <= largest) { largest = square }
        if !(factors[row] <= largest) { largest = factors[row] }
      }
      for j in x.indices { rows[j] = x[j] * factors[row] * scale }
    }
    return (rows, factors)
  }

  /// eps of a key.
  func errorOfKey(_ model: ErrorModel) -> Double {
    isNormalised ? (Double(K) / 2 + 4) * model.u + 3.5 * model.ofQueryKey : 0
  }

  /// eps of a query.
  func errorOfQuery(_ model: ErrorModel) -> Double {
    errorOfKey(model) + (scale == 1 ? 0 : 2 * (model.u + model.ofQueryKey))
  }
}

/// The way back, of the numbers and of their bounds. With D and E the gradient by x^ and its bound,
///
///     dn = s D;   p = <n, dn>;   dx = r (dn - n p)
///
///     E_n  = s E + (u + p') |dn|                                              p': what dq and dk are stored in meanwhile
///     e_p  = Σ |n| E_n + (eps' + (K + 1) u) Σ |n dn|                          eps' = eps + p'
///     AN   = r (E_n + |n| e_p + (eps' + 4 u) |n p| + 2 u |dn|) + eps_r |dx|
///
/// p of an operation beside its u where these too are done in the coarser format, but for the sum of K terms,
/// and eta for each operation, which r multiplies where it comes before.
extension QueryKeyLayer {
  /// Turns gradients by q^ and k^ into those by q and k, in place; the bounds too, where there are any.
  func pullBack(_ values: QuantityBuffers, bounds: QuantityBuffers?, _ model: ErrorModel) {
    let back = Back(model, error: errorOfKey(model), K: K)
    pullBack(values.dq, bounds?.dq, q, queryFactors, scale: scale, back)
    pullBack(values.dk, bounds?.dk, k, keyFactors, scale: 1, back)
  }

  /// What the bounds are made of.
  private struct Back {
    let u, ofSum, eta, stored, error, ofFactor: Double

    init(_ model: ErrorModel, error: Double, K: Int) {
      u = model.u + model.ofQueryKey
      ofSum = (Double(K) + 1) * model.u + 2 * model.ofQueryKey
      eta = model.underflowOfQueryKey
      stored = max(model.ofOperand, model.ofHead > u ? model.ofHead : 0)
      self.error = error + stored
      ofFactor = (Double(K) / 2 + 3) * model.u + 2.5 * model.ofQueryKey
    }
  }

  private func pullBack(
    _ values: UnsafeMutablePointer<Double>, _ bounds: UnsafeMutablePointer<Double>?, _ rows: [Double],
    _ factors: [Double], scale: Double, _ back: Back
  ) {
    for row in factors.indices where problem.mask?.live[row / problem.shape.Hk] ?? true {
      let first = row * K
      for j in first..<first + K {
        values[j] *= scale
        guard let bounds, scale != 1 || isNormalised else { continue }
        bounds[j] = bounds[j] * scale + (back.u + back.stored) * values[j].magnitude + back.eta
      }
      guard isNormalised else { continue }
      rows.withUnsafeBufferPointer { rows in
        normalise(
          values + first, bounds.map { $0 + first }, UnsafeBufferPointer(rebasing: rows[first..<first + K]),
          scale: scale, factor: factors[row], back)
      }
    }
  }

  /// One row of dn and E_n, from the row x^.
  private func normalise(
    _ dn: UnsafeMutablePointer<Double>, _ bounds: UnsafeMutablePointer<Double>?,
    _ row: UnsafeBufferPointer<Double>, scale: Double, factor r: Double, _ back: Back
  ) {
    let (u, eta) = (back.u, back.eta)
    var (p, terms, spread, sizes) = (0.0, 0.0, 0.0, 0.0)
    for j in 0..<K {
      let n = row[j] / scale
      p += n * dn[j]
      terms += (n * dn[j]).magnitude
      guard let bounds else { continue }
      spread += n.magnitude * bounds[j]
      sizes += dn[j].magnitude + bounds[j]
    }
    let ofProduct = spread + (back.error + back.ofSum) * terms + eta * (sizes + Double(K))
    for j in 0..<K {
      let n = row[j] / scale
      let along = n * p
      let gradient = r * (dn[j] - along)
      if let bounds {
        var bound = bounds[j] + n.magnitude * ofProduct + (back.error + 4 * u) * along.magnitude
        bound += 2 * u * dn[j].magnitude + eta * (p.magnitude + 3)
        bounds[j] = r * bound + back.ofFactor * gradient.magnitude + eta
        largest = max(largest, max(r * along.magnitude, r * dn[j].magnitude))
      }
      dn[j] = gradient
    }
  }
}
