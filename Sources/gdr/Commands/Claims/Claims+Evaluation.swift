import GatedDeltaRule
import Generator
import Implementations
import Kernels
import Oracle

extension Claim {
  /// What an independent evaluation of the two pull requests reported.
  static let evaluation: [Claim] = [
    Claim(
      "evaluation-forward", "outputs in fp32 are near the reference", source: "independent evaluation",
      published: "<= 7.2e-6"
    ) {
      let one = try ClaimCase(ordinary)
      let worst = try ["checkpoint-clamped", "fused", "chunked"].map {
        one.error(try one.run($0), [.y, .stateOut])
      }.max()
      return Result(short(worst ?? .nan), (worst ?? .nan) <= 7.2e-6 ? .holds : .fails, recipe: ordinary)
    },
    Claim(
      "evaluation-1217", "gradients of the two forms of #1217 are near the reference",
      source: "independent evaluation", published: "<= 2.6e-7"
    ) {
      let one = try ClaimCase(ordinary)
      let worst = try ["checkpoint-clamped", "fused"].map { one.error(try one.run($0), one.gradients) }.max()
      return Result(
        short(worst ?? .nan), (worst ?? .nan) <= 2.6e-7 ? .holds : (worst ?? .nan) <= 5e-6 ? .inKind : .fails,
        recipe: ordinary)
    },
    Claim(
      "evaluation-1389", "da and db of #1389 are near the reference", source: "independent evaluation",
      published: "<= 1.8e-5, 4.2e-6"
    ) {
      let one = try ClaimCase(ordinary)
      let chunked = try one.run("chunked")
      let (da, db) = (one.error(chunked, .da), one.error(chunked, .db))
      return Result(
        "\(short(da)), \(short(db))", da <= 1.8e-5 && db <= 4.2e-6 ? .holds : .fails, recipe: ordinary)
    },
    Claim(
      "evaluation-dg", "dg of #1389 points elsewhere than the reference where g is small",
      source: "independent evaluation", published: "cosine 0.24"
    ) {
      let one = try ClaimCase(strong)
      var crossing = ChunkedForm.upstream()
      crossing.decay = .segments
      let segments = try Catalogue.chunked(crossing, name: "crossing").evaluate(
        one.problem, request: Request())
      let chunked = try one.run("chunked")
      let (found, mended) = (cosine(one, chunked), cosine(one, segments))
      return Result(
        "\(short(found)); g dg \(short(logarithmic(one, chunked))) off; crossing sum \(short(mended))",
        found < 0.99 && mended > 0.9999 ? .inKind : .fails, recipe: strong)
    },
  ]

  private static let ordinary =
    "v1/B2-T128-Hk2-Hv4-Dk32-Dv16/model/keys=random/decay=input:0:1/A_log=0/write=logits:-2:2/state=random/"
    + "dstate=random/f32/seed=3"
  private static let strong =
    "v1/B2-T128-Hk2-Hv4-Dk16-Dv16/keys=random/decay=random:-3:0.95/write=logits:-2:2/state=random/f32/seed=2"

  /// The cosine between dg and its reference.
  private static func cosine(_ one: ClaimCase, _ evaluation: Evaluation) -> Double {
    var (product, x, o) = (0.0, 0.0, 0.0)
    for (a, b) in zip(evaluation[.dg]?.values ?? [], one.reference[.dg]?.values ?? []) {
      (product, x, o) = (product + a * b, x + a * a, o + b * b)
    }
    return product / (x * o).squareRoot()
  }

  /// The error of g dg, which is what the model's parameters see.
  private static func logarithmic(_ one: ClaimCase, _ evaluation: Evaluation) -> Double {
    RelativeError(of: evaluation[.dg], from: one.reference[.dg], .dg, on: one.problem, isLogarithmic: true)
      .ofLargest
  }
}
