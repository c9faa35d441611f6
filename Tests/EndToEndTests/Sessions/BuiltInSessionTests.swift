import Generator
import Implementations
import Oracle
import Testing

/// Sessions on which what is built in was once taken to be wrong, or was.
@Suite struct BuiltInSessionTests {
  static let recipes = [
    // An infinite state in fp16 is the same alone.
    "v1/B2-T1-Hk1-Hv1-Dk2-Dv1/keys=equal/decay=none/write=1/state=spike"
      + "/contract=beta=2sigmoid,qk=l2norm:1e-6,state=f16/calls=prefill:1/f32/seed=2",
    // A state in bf16 is rounded behind the call, and not behind each token where the states there are wanted.
    "v1/B1-T8-Hk1-Hv1-Dk2-Dv4/keys=equal/q=orthogonal/decay=none/write=0.9/state=random"
      + "/contract=decay=log,state=bf16/calls=prefill:5,undo:0/f32/seed=29844",
  ]

  @Test(arguments: recipes, (Registry.all + Registry.engines).map(\.name))
  func `what is built in keeps every law of sessions`(recipe: String, name: String) throws {
    let implementation = try #require(Registry.named(name))
    let result = try CrossCheck(Recipe(recipe)).judge(implementation, properties: .all)
    #expect(result.failure == nil)
    guard try implementation.refusal(of: Recipe(recipe).render()) == nil else { return }
    // Of what leaves the range of a format no law says anything.
    guard !recipe.contains("state=f16") else { return }
    #expect(Set(result.properties).isSuperset(of: ["session", "session-pool", "session-again"]))
  }
}
