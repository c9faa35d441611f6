//  The system (I - A) X = [beta V | beta gam K] of one chunk, outside of any layer: what a solve does to it can be
//  seen without the state that the rest of the layer carries on.
//
//    backward error   max |R - (I - A) X| / (|R| + |I - A| |X|), entry by entry (Oettli, Prager 1964);
//                     at most C u for substitution, whatever A is (Higham, Accuracy and Stability, theorem 8.5)
//    prediction       u max(|P| |x|) over the steps of doubling: the rounding committed in the worst of them alone;
//                     the last one if n is a power of two, the one before where the last has few rows left

import GatedDeltaRule

/// The triangular system of one chunk, in fp32 numbers.
package struct TriangularSystem: Sendable {
  /// Rows, a multiple of 8.
  package let size: Int
  /// Columns of R.
  package let columns: Int
  /// Strictly lower triangular.
  package let A: [Double]  // [size, size]
  /// The right-hand sides.
  package let R: [Double]  // [size, columns]

  /// A system as it is given.
  package init(size: Int, columns: Int, A: [Double], R: [Double]) {
    precondition(size % 8 == 0 && A.count == size * size && R.count == size * columns, "\(size) x \(columns)")
    (self.size, self.columns, self.A, self.R) = (size, columns, A, R)
  }

  /// That of the first `chunk` tokens of the first head.
  ///
  /// - Precondition: core level, scalar decay, at least `chunk` tokens.
  package init(_ problem: Problem, chunk: Int) {
    guard case .core(let g, let write) = problem.primals.gates else { preconditionFailure("model gates") }
    let shape = problem.shape
    let (Dk, Dv) = (shape.Dk, shape.Dv)
    func key(_ i: Int, _ c: Int) -> Float { Float(problem.primals.k.values[i * shape.Hk * Dk + c]) }
    func beta(_ i: Int) -> Float { Float(write.values[i * shape.Hv]) }
    func decay(_ i: Int) -> Float { Float(g.values[i * shape.Hv]) }
    var A = [Double](repeating: 0, count: chunk * chunk)
    var R = [Double](repeating: 0, count: chunk * (Dk + Dv))
    var gamma = [Float](repeating: 0, count: chunk)
    var fromStart: Float = 1
    for i in 0..<chunk {
      fromStart *= decay(i)
      for j in 0..<i {
        gamma[j] *= decay(i)
        var product: Float = 0
        for c in 0..<Dk { product += key(i, c) * key(j, c) }
        A[i * chunk + j] = Double(-beta(i) * product * gamma[j])
      }
      gamma[i] = 1
      for c in 0..<Dv {
        R[i * (Dk + Dv) + c] = Double(beta(i) * Float(problem.primals.v.values[i * shape.Hv * Dv + c]))
      }
      for c in 0..<Dk { R[i * (Dk + Dv) + Dv + c] = Double(beta(i) * fromStart * key(i, c)) }
    }
    self.init(size: chunk, columns: Dk + Dv, A: A, R: R)
  }

  /// X as a solve finds it, or the solution of the transposed system.
  package func solved(
    by solve: Solve, in arithmetic: Request.Arithmetic = .working, isTransposed: Bool = false
  ) -> [Double] {
    switch arithmetic {
    case .working: solved(by: solve, as: Float.self, isTransposed: isTransposed)
    case .double: solved(by: solve, as: Double.self, isTransposed: isTransposed)
    }
  }

  private func solved<N: Real>(by solve: Solve, as: N.Type, isTransposed: Bool) -> [Double] {
    let arena = Arena()
    let overhang = [Double](repeating: 0, count: TriangularSolver<N>.overhang * size)
    let A: MutableRow<N> = padded(
      Tensor(shape: [size + TriangularSolver<N>.overhang, size], values: A + overhang),
      rows: size + TriangularSolver<N>.overhang, width: size, arena: arena)
    let X: MutableRow<N> = padded(
      Tensor(shape: [size, columns], values: R), rows: size, width: columns, arena: arena)
    let solver = TriangularSolver<N>(solve, size: size, columns: lanes(columns), arena: arena)
    solver.prepare(Row(A), size: size)
    if isTransposed {
      solver.solveTransposed(Row(A), size: size, X: X, columns: lanes(columns))
    } else {
      solver.solve(Row(A), size: size, X: X, columns: lanes(columns))
    }
    let values = unpadded(X, shape: [size, columns], arena.parts).values
    withExtendedLifetime(arena) {}
    return values
  }
}

/// What a solve did to one system, in fp32.
package struct SolveMeasure: Hashable, Sendable, Codable {
  /// max |X - exact| / max |exact|.
  package var error: Double
  /// The componentwise backward error in units of u.
  package var backwardError: Double
  /// u max(|P| |x|) of doubling in these sub-blocks, relative to max |exact|.
  package var predicted: Double

  /// What was measured.
  package init(error: Double, backwardError: Double, predicted: Double) {
    (self.error, self.backwardError, self.predicted) = (error, backwardError, predicted)
  }
}

extension TriangularSystem {
  /// Solves in fp32 and compares with `exact`, the solution by substitution in fp64.
  package func measure(_ solve: Solve, exact: [Double]) -> SolveMeasure {
    let X = solved(by: solve)
    var (error, largest) = (0.0, 0.0)
    for (x, o) in zip(X, exact) {
      largest = max(largest, o.magnitude)
      let difference = (x - o).magnitude
      // A NaN is as far away as anything.
      error = difference <= error ? error : difference.isNaN ? .infinity : difference
    }
    return SolveMeasure(
      error: error / largest, backwardError: backwardError(of: X) / Precision.fp32.unitRoundoff,
      predicted: predictedRounding(subBlock: solve.subBlock, exact: exact) / largest)
  }

  /// The solution that errors are measured from.
  package func exact() -> [Double] { solved(by: Solve(.substitution), in: .double) }

  private func backwardError(of X: [Double]) -> Double {
    var worst = 0.0
    for i in 0..<size {
      for c in 0..<columns {
        var residual = R[i * columns + c] - X[i * columns + c]
        var scale = R[i * columns + c].magnitude + X[i * columns + c].magnitude
        for j in 0..<i {
          let term = A[i * size + j] * X[j * columns + c]
          residual += term
          scale += term.magnitude
        }
        guard residual != 0 else { continue }
        let ratio = residual.magnitude / scale
        worst = ratio <= worst ? worst : ratio.isNaN ? .infinity : ratio
      }
    }
    return worst
  }

  /// u max(|P| |x|) over the blocks and the steps inside them.
  private func predictedRounding(subBlock: Int, exact: [Double]) -> Double {
    var worst = 0.0
    for first in stride(from: 0, to: size, by: subBlock) {
      worst = max(worst, largestStep(first..<min(first + subBlock, size), exact: exact))
    }
    return worst * Precision.fp32.unitRoundoff
  }

  private func largestStep(_ rows: Range<Int>, exact: [Double]) -> Double {
    let n = rows.count
    var P = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      for j in 0..<i { P[i * n + j] = A[(rows.lowerBound + i) * size + rows.lowerBound + j] }
    }
    // The right-hand side of the block is what the solution makes of it: (I - A_II) X_I.
    var x = [Double](repeating: 0, count: n * columns)
    for i in 0..<n {
      for c in 0..<columns {
        var value = exact[(rows.lowerBound + i) * columns + c]
        for j in 0..<i { value -= P[i * n + j] * exact[(rows.lowerBound + j) * columns + c] }
        x[i * columns + c] = value
      }
    }
    var worst = 0.0
    var covered = 1
    while covered < n {
      for i in 0..<n {
        for c in 0..<columns {
          var sum = 0.0
          for j in 0..<i { sum += (P[i * n + j] * x[j * columns + c]).magnitude }
          worst = max(worst, sum)
        }
      }
      x = TriangularSystem.adding(P, times: x, n, columns)
      P = TriangularSystem.squared(P, n)
      covered *= 2
    }
    return worst
  }

  private static func adding(_ P: [Double], times x: [Double], _ n: Int, _ columns: Int) -> [Double] {
    var result = x
    for i in 0..<n {
      for j in 0..<i {
        for c in 0..<columns { result[i * columns + c] += P[i * n + j] * x[j * columns + c] }
      }
    }
    return result
  }

  private static func squared(_ P: [Double], _ n: Int) -> [Double] {
    var result = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      for k in 0..<i {
        for j in 0..<k { result[i * n + j] += P[i * n + k] * P[k * n + j] }
      }
    }
    return result
  }
}
