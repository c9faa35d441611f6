import GatedDeltaRule
import Generator
import Implementations
import Support
import Synchronization
import Testing

/// Groups, of B x Hk, are shared out among the threads of an evaluation, each with working memory of its own. Only many
/// groups with some work in each let threads meet; the last problem is large enough for its tensors to be copied in
/// parts as well.
@Suite struct ThreadTests {
  static let recipes = [
    "v1/B2-T70-Hk4-Hv8-Dk9-Dv5/model/keys=random/decay=-0.3/A_log=heads/dt_bias=heads/write=logits:-3:3/state=random/dstate=random/mask=holes:0.2/pad=nan/f32/seed=1",
    "v1/B3-T130-Hk5-Hv5-Dk16-Dv12/keys=random/decay=random:-0.3:1/write=logits:-3:3/state=random/dstate=random/f32/seed=2",
    "v1/B1-T40-Hk8-Hv16-Dk12-Dv7/channels/keys=random/decay=random:-0.3:1/write=logits:-3:3/state=random/dstate=random/f32/seed=3",
    "v1/B4-T100-Hk2-Hv4-Dk32-Dv16/model/keys=random/decay=-0.1/A_log=heads/dt_bias=heads/write=logits:-3:3/state=random/dstate=random/bf16/seed=4",
    "v1/B2-T600-Hk4-Hv4-Dk3-Dv128/keys=random/decay=random:-0.01:1/write=logits:-3:3/state=random/dstate=random/f32/seed=5",
  ]

  @Test(arguments: recipes, [Request.Arithmetic.working, .double])
  func `an evaluation has the same bits on any number of threads`(
    recipe: String, arithmetic: Request.Arithmetic
  ) throws {
    let problem = try Recipe(recipe).render()
    #expect(problem.shape.B * problem.shape.Hk >= 8)
    for implementation in Registry.all where problem.isTaken(byBuiltIn: implementation.name) {
      let one = try implementation.evaluate(problem, request: Request(arithmetic: arithmetic))
      for threads in [3, 8] {
        let many = try implementation.evaluate(
          problem, request: Request(arithmetic: arithmetic, threads: threads))
        #expect(many.bits == one.bits, "\(implementation.name) on \(threads) threads")
      }
    }
  }

  /// Four of each problem, on 1, 3, 5 and 8 threads each.
  @Test func `evaluations side by side have the bits that they have alone`() throws {
    let problems = try Self.recipes.dropLast().map { try Recipe($0).render() }
    for implementation in Registry.all {
      let taken = problems.filter { $0.isTaken(byBuiltIn: implementation.name) }
      let alone = try taken.map { try implementation.evaluate($0, request: Request()).bits }
      let found = Mutex([[Quantity: [UInt64]]?](repeating: nil, count: 4 * taken.count))
      onThreads(4 * taken.count) { i in
        let request = Request(threads: [1, 3, 5, 8][i % 4])
        let evaluation = try? implementation.evaluate(taken[i / 4], request: request)
        found.withLock { $0[i] = evaluation?.bits }
      }
      for (i, bits) in found.withLock({ $0 }).enumerated() {
        #expect(bits == alone[i / 4], "\(implementation.name) on \(taken[i / 4].shape)")
      }
    }
  }
}
