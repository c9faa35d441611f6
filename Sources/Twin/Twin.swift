import GatedDeltaRule

/// One honest evaluation of a problem, with its roundings placed at random: what the same form would answer if each of
/// them had fallen otherwise. A few of them say how large honest errors are on this very problem.
///
/// It knows the rule of the first models alone (`Problem.isOfFirstModels`).
package struct Twin {
  private enum Engine {
    case single(HeadRuns<Float>)
    case double(HeadRuns<Double>)
  }

  private let engine: Engine

  /// Gates are formed once; results may be asked for as often as one likes, from one thread at a time.
  package init(_ problem: Problem, form: TwinForm) {
    let gates = TwinGates(problem, form)
    engine = form.rounds ? .single(HeadRuns(problem, form, gates)) : .double(HeadRuns(problem, form, gates))
  }

  /// y, the state, and the gradients of the problem's level, each of its quantity's shape, with values of the format that
  /// the form stores it in, zero where a token is masked. The same seed gives the same values on every thread.
  ///
  /// A chunked form finds the gradient by log g and divides it by g, so that where g is tiny the values of dg, and their
  /// errors, are huge: compare g dg.
  ///
  /// - Parameters:
  ///   - seed: nil for roundings that are not placed at random but go to the nearest, as a kernel's do: where few numbers
  ///     are rounded, or equal ones everywhere, that is what an honest kernel errs by, and no matter of chance.
  ///   - gradients: without them, the outputs alone.
  package func results(seed: UInt64?, gradients: Bool = true) -> PerQuantity<Tensor> {
    switch engine {
    case .single(let runs): runs.results(seed: seed, gradients: gradients)
    case .double(let runs): runs.results(seed: seed, gradients: gradients)
    }
  }

  /// Multiply-adds of one evaluation with gradients: what a budget is counted in. The roundings cost about as much again.
  package static func work(_ shape: Shape, _ form: TwinForm) -> Double {
    let (T, K, V) = (Double(shape.T), Double(shape.Dk), Double(shape.Dv))
    let heads = Double(shape.B * shape.Hv)
    switch form.form {
    case .sequential: return heads * T * 12 * K * V
    case .chunked(let length):
      let C = min(Double(length), max(T, 1))
      // Two Gram matrices, the inverse, its products and the output's, and four with the state; three times over.
      let split = form.wy == .split ? C * K : 0
      return heads * T * 3 * (2 * C * K + C * C / 3 + 2 * C * V + split + 4 * K * V)
    }
  }
}
