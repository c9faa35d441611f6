import GatedDeltaRule
import Generator
import Implementations
import Oracle

extension Claim {
  /// What the tests of the pull requests would notice. Inputs are ours, of their sizes: T = 8, the mean of y as loss.
  static let tests: [Claim] = [
    Claim(
      "difference-test", "central differences check the gradient (three entries of dq, within 1e-3)",
      source: "#1217 tests", published: "checks it"
    ) {
      let found = try [64, 32].map { width in
        let one = try meanLoss(width)
        let count = one.problem.primals.q.values.count
        let differences = try [0, count / 2, count - 1].map { try difference(one.problem, entry: $0) }
        return (
          zeroPasses: differences.allSatisfy { $0.magnitude <= 1e-3 },
          largest: one.reference[.dq]?.largestMagnitude ?? .nan
        )
      }
      let texts = zip([64, 32], found).map { width, one in
        "\(one.zeroPasses ? "passes" : "is noticed") at \(width) channels (max |dq| \(short(one.largest)))"
      }
      return Result(
        "a gradient of zeros \(texts.joined(separator: ", "))", found[0].zeroPasses ? .fails : .holds,
        recipe: meanRecipe(64))
    },
    Claim(
      "allclose-test", "the Metal gradients are compared with the Python ones (atol = rtol = 1e-3)",
      source: "#1217 tests", published: "checks them"
    ) {
      let one = try meanLoss(64)
      let passing = one.gradients.filter { quantity in
        guard let reference = one.reference[quantity] else { return false }
        return isClose(Tensor(shape: reference.shape), reference, atol: 1e-3, rtol: 1e-3)
      }
      return Result(
        "zeros pass as \(passing.map(\.rawValue).joined(separator: " "))", passing.isEmpty ? .holds : .fails,
        recipe: meanRecipe(64))
    },
  ]

  private static func meanRecipe(_ width: Int) -> String {
    "v1/B1-T8-Hk2-Hv4-Dk\(width)-Dv\(width)/model/keys=random/decay=input:1:1/A_log=heads/write=logits:-2:2/f32/seed=8"
  }

  private static func meanLoss(_ width: Int) throws -> ClaimCase {
    let problem = try Recipe(meanRecipe(width)).render()
    let shape = problem.shape
    let share = Precision.fp32.round(1 / Double(shape.value.reduce(1, *)))
    return ClaimCase(
      recipe: meanRecipe(width),
      problem: try Problem(
        shape: shape, primals: problem.primals,
        cotangents: Outputs(y: Tensor(shape: shape.value, repeating: share))))
  }

  /// (loss(q + h) - loss(q - h)) / 2h in fp32, h = 1e-3, as that test forms it.
  private static func difference(_ problem: Problem, entry: Int) throws -> Double {
    let losses = try [1e-3, -1e-3].map { step in
      var primals = problem.primals
      primals.q.values[entry] = Precision.fp32.round(primals.q.values[entry] + step)
      let moved = try Problem(shape: problem.shape, primals: primals, cotangents: problem.cotangents)
      let y = try Registry.all[0].evaluate(moved, request: Request(gradients: false))[.y]?.values ?? []
      return Float(y.reduce(0, +) / Double(y.count))
    }
    return Double(losses[0] - losses[1]) / 2e-3
  }
}

extension ClaimCase {
  /// A problem that differs from its recipe's in its cotangents.
  init(recipe: String, problem: Problem) {
    (self.recipe, self.problem) = (recipe, problem)
    reference = Reference(problem)
  }
}
