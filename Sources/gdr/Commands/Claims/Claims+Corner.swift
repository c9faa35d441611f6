import GatedDeltaRule
import Generator
import Implementations
import Kernels
import Oracle

extension Claim {
  /// Equal keys, beta 0.999, no decay.
  static let corner: [Claim] = [
    cornerClaim(
      "corner-16", "equal keys, beta 0.999, sub-blocks of 16", published: "~4e-4", subBlock: 16, T: 64,
      plausible: 1e-4...5e-3),
    cornerClaim(
      "corner-16-state", "the same with a carried state", published: "~4e-4", subBlock: 16, T: 64,
      plausible: 1e-4...5e-3, state: "/state=random"),
    cornerClaim(
      "corner-16-long", "the same over 64 chunks", published: "~4e-4", subBlock: 16, T: 4096,
      plausible: 1e-4...5e-3, seeds: 1, isQuick: false),
    cornerClaim(
      "corner-32", "equal keys, beta 0.999, sub-blocks of 32, one chunk", published: "~2e11", subBlock: 32,
      T: 64,
      plausible: 1e10...1e12),
    Claim(
      "corner-32-growth", "the same, as the sequence grows", source: "#1217 thread", published: "~2e11"
    ) {
      let lengths = [64, 128, 192, 256]
      let errors = try lengths.map { T in
        median(
          try (0..<5).map { seed in
            let one = try ClaimCase(cornerRecipe(T: T, state: "", seed: seed))
            return one.error(try solve(one, 32), [.y, .stateOut])
          })
      }
      let text = zip(lengths, errors).map { "T \($0): \(short($1))" }.joined(separator: ", ")
      let passes = errors[0] < 2e11 && 2e11 < errors[3]
      return Result(text, passes ? .inKind : .fails, recipe: cornerRecipe(T: 256, state: "", seed: 0))
    },
    Claim(
      "corner-test", "the corner test of #1389 (T 128, rtol = atol = 1e-2) tells safe sub-blocks from others",
      source: "#1389", published: "passes at 16"
    ) {
      let sizes = [4, 8, 16, 18, 20, 24, 32, 64]
      let one = try ClaimCase(cornerRecipe(T: 128, state: "", seed: 0))
      let passing = try sizes.filter { subBlock in
        let found = try solve(one, subBlock)
        return [Quantity.y, .stateOut].allSatisfy {
          isClose(found[$0], one.reference[$0], atol: 1e-2, rtol: 1e-2)
        }
      }
      return Result(
        "passes at \(passing.map(String.init).joined(separator: " ")) of \(sizes.map(String.init).joined(separator: " "))",
        passing.contains(16) && !passing.contains(24) ? .holds : .fails, recipe: one.recipe)
    },
    Claim(
      "corner-gradients", "gradients at the corner, sub-blocks of 16", source: "#1389 source, run elsewhere",
      published: "q 3e-4 k 4e-4 v 2.8e-3"
    ) {
      let one = try ClaimCase(cornerRecipe(T: 64, state: "/state=random/dstate=random", seed: 0))
      let found = try one.run("chunked")
      let errors = [Quantity.dq, .dk, .dv].map { one.error(found, $0) }
      return Result(
        "q \(short(errors[0])) k \(short(errors[1])) v \(short(errors[2]))",
        errors.allSatisfy { (1e-5...1e-2).contains($0) } ? .inKind : .fails, recipe: one.recipe)
    },
  ]

  private static func cornerRecipe(T: Int, state: String, seed: Int) -> String {
    "v1/B1-T\(T)-Hk2-Hv4-Dk32-Dv32/keys=equal/decay=-1e-07/write=0.999\(state)/f32/seed=\(seed)"
  }

  private static func solve(_ one: ClaimCase, _ subBlock: Int) throws -> Evaluation {
    try Catalogue.chunked(.upstream(Solve(.doubling, subBlock: subBlock)), name: "variant")
      .evaluate(one.problem, request: Request(gradients: false))
  }

  private static func cornerClaim(
    _ name: String, _ text: String, published: String, subBlock: Int, T: Int, plausible: ClosedRange<Double>,
    state: String = "", seeds: Int = 5, isQuick: Bool = true
  ) -> Claim {
    Claim(name, text, source: "#1217 thread", published: published, isQuick: isQuick) {
      var (y, S): ([Double], [Double]) = ([], [])
      for seed in 0..<seeds {
        let one = try ClaimCase(cornerRecipe(T: T, state: state, seed: seed))
        let found = try solve(one, subBlock)
        y.append(one.error(found, .y))
        S.append(one.error(found, .stateOut))
      }
      let middle = (median(y), median(S))
      return Result(
        "y \(short(middle.0)), state \(short(middle.1))",
        plausible.contains(middle.0) || plausible.contains(middle.1) ? .inKind : .fails,
        recipe: cornerRecipe(T: T, state: state, seed: 0))
    }
  }
}

/// The rule of numpy's allclose: |x - o| <= atol + rtol |o| everywhere.
func isClose(_ found: Tensor?, _ reference: Tensor?, atol: Double, rtol: Double) -> Bool {
  guard let found, let reference else { return false }
  return zip(found.values, reference.values).allSatisfy { ($0 - $1).magnitude <= atol + rtol * $1.magnitude }
}
