import GatedDeltaRule
import Generator
import Mutants
import Oracle
import Support
import Testing

/// A problem of any contract as one of the plain rule, and back.
@Suite struct PlainRuleTests {
  private static let recipes = [
    "v1/B2-T5-Hk2-Hv4-Dk3-Dv2/keys=random/decay=-0.5/write=0.5/state=random/dstate=random/f32/seed=1",
    "v1/B1-T6-Hk1-Hv2-Dk4-Dv3/channels/keys=random/decay=random:-1:1/write=0.7/state=random/mask=left:2/f32/seed=2",
    "v1/B2-T4-Hk1-Hv2-Dk2-Dv3/model/keys=random/decay=input:0:1/A_log=heads/dt_bias=heads/write=logits:-2:2/"
      + "state=random/dstate=random/mask=right:1/f32/seed=3",
  ]

  @Test(arguments: Contract.cases)
  func `a kernel of the plain rule answers every contract rightly`(contract: Contract) throws {
    let kernel = ByPlainRule(Mutant.clean[0])
    for text in Self.recipes {
      var recipe = try Recipe(text)
      recipe.contract = contract
      guard (try? recipe.validate()) != nil else { continue }
      let check = try CrossCheck(recipe)
      let judgement = check.judge(kernel).judgement
      guard case .agrees(let ratio) = judgement.verdict, ratio <= 1 else {
        Issue.record("\(recipe.text): \(Report.sentence(judgement))")
        continue
      }
      #expect(Set(judgement.ratios.keys) == Set(check.problem.quantities))
    }
  }
}
