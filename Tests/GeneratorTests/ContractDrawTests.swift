import GatedDeltaRule
import Generator
import Support
import Testing

/// What is hard about a rule is drawn whichever rule is asked for.
@Suite struct ContractDrawTests {
  /// e^89 is infinite in fp32, and 1 + e^-17 is 1: where a softplus is written as log(1 + e^x) these are its ends.
  @Test(arguments: Contract.cases.map(\.description))
  func `one case in fifty at model level has an argument at each end of the gate`(contract: String) throws {
    var profile = Profile.small.withoutExactCases
    profile.contracts = .one(try Contract(contract))
    let arguments = (0..<2000).map { Recipe.draw(seed: 3, index: $0, profile: profile) }
      .filter { $0.level == .model }.map { recipe -> Double in
        if case .input(let x, _) = recipe.decay { x } else { 0 }
      }
    #expect(arguments.count > 400)
    #expect(arguments.count { $0 >= 89 } * 50 >= arguments.count)
    #expect(arguments.count { $0 <= -17 } * 50 >= arguments.count)
  }

  @Test func `every part of a contract is drawn, together with every other`() {
    var profile = Profile.small.withoutExactCases
    profile.contracts = .drawn(share: 1)
    let contracts = (0..<2000).map { Recipe.draw(seed: 4, index: $0, profile: profile).contract }
    let parts: [@Sendable (Contract) -> Bool] = [
      { $0.gate != .softplus }, { $0.write == .doubleSigmoid }, { $0.queryKey != .given },
      { $0.scale != .one }, { $0.decay == .log }, { $0.state != .fp32 },
    ]
    for (i, one) in parts.enumerated() {
      for other in parts[i...] {
        #expect(contracts.count { one($0) && other($0) } > 100)
      }
    }
  }
}
