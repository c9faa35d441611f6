import GatedDeltaRule
import Mutants
import Oracle

/// How kernels are usually tested: one case, a reference, a tolerance that knows nothing of the case.
enum UsualTest: String, CaseIterable {
  /// |x - o| <= 1e-3 + 1e-3 |o| for every element of outputs and gradients.
  case allclose = "allclose 1e-3"
  /// rmse(x - o) / rmse(o) < 0.005 for every tensor that is off by more than 1e-6 (flash-linear-attention).
  case rmse = "fla RMSE"
  /// max |x - o| <= 2 max |p - o| for every tensor, p a plain implementation in low precision (FlashAttention).
  case twice = "FlashAttention"
}

/// The usual tests on one case.
struct UsualTests {
  private let problem: Problem
  private let check: CrossCheck
  private let plain: Evaluation

  init(_ problem: Problem) {
    self.problem = problem
    check = CrossCheck(problem)
    plain = Specimen.sequential.evaluate(problem, request: Request())
  }

  /// Whether an answer fails a test. Numbers of masked tokens do not count, nor does what the reference has no number
  /// for.
  func fails(_ answer: Evaluation, _ declaration: Declaration, _ test: UsualTest) -> Bool {
    let reference = check.reference(clamp: declaration.clamp)
    return Quantity.all(at: problem.level).contains { quantity in
      guard let found = answer[quantity], let o = reference[quantity] else { return false }
      guard found.shape == o.shape else { return true }
      let error = errors(found, o, quantity)
      switch test {
      case .allclose:
        return !error.allSatisfy { $0.error <= 1e-3 + 1e-3 * $0.size }
      case .rmse:
        let isTiny = error.allSatisfy { $0.error <= 1e-6 }
        let ratio = rootMeanSquare(error.map(\.error)) / (rootMeanSquare(error.map(\.size)) + 1e-8)
        return !isTiny && !(ratio < 0.005)
      case .twice:
        guard let p = plain[quantity], let exact = check.reference()[quantity] else { return false }
        let allowed = errors(p, exact, quantity).map(\.error).max() ?? 0
        return !error.allSatisfy { $0.error <= 2 * allowed }
      }
    }
  }

  private func errors(_ x: Tensor, _ o: Tensor, _ quantity: Quantity) -> [(error: Double, size: Double)] {
    let tokens = problem.shape.B * problem.shape.T
    let width = tokens > 0 ? max(1, o.values.count / tokens) : 1
    let mask = quantity.isPerToken ? problem.mask : nil
    return o.values.indices.compactMap { i in
      guard mask?.live[i / width] ?? true, o.values[i].isFinite else { return nil }
      return ((x.values[i] - o.values[i]).magnitude, o.values[i].magnitude)
    }
  }

  private func rootMeanSquare(_ values: [Double]) -> Double {
    (values.reduce(0) { $0 + $1 * $1 } / Double(max(1, values.count))).squareRoot()
  }
}
