import GatedDeltaRule
import Generator
import Testing

@Test func `timing`() throws {
  let texts = [
    "v1/B2-T33-Hk2-Hv4-Dk8-Dv8/keys=cone:10/decay=random:-0.1:2/write=logits:-8:16/state=random/dstate=random/f32/seed=1",
    "v1/B2-T33-Hk2-Hv4-Dk8-Dv8/model/keys=cone:10/decay=random:-0.1:2/A_log=heads/dt_bias=heads/write=logits:-8:16/state=random/dstate=random/mask=left:3/pad=nan/bf16/seed=1",
    "v1/B2-T33-Hk2-Hv4-Dk8-Dv8/keys=random/decay=none/write=0.999/f16/seed=1",


  ]
  for text in texts {
    let recipe = try Recipe(text)
    #expect(recipe.text == text)
    let n = recipe.T > 1000 ? 5 : 20000
    var digest = ""
    let clock = ContinuousClock()
    let time = try clock.measure { for _ in 0..<n { _ = try recipe.render() } }
    let problem = try recipe.render()
    let time2 = clock.measure { for _ in 0..<n { digest = problem.digest } }
    print(time / n, time2 / n, digest, text)
    #expect(try Recipe(fileStem: recipe.fileStem) == recipe)
  }
}
