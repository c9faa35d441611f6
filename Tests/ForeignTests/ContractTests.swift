import Foreign
import GatedDeltaRule
import Generator
import Support
import Testing

@Suite struct ContractTests {
  /// A problem of this contract as its recipe has it.
  private func problem(_ contract: Contract, _ level: Level) throws -> Problem {
    var recipe = Recipe(
      B: 2, T: 3, Hk: 1, Hv: 2, Dk: 3, Dv: 2, level: level,
      decay: .constant(-1), state: .random, dstate: .random, seed: 4)
    recipe.contract = contract
    return try Recipe(recipe.text).render()
  }

  @Test(arguments: Contract.cases, Level.allCases)
  func `a problem of any contract goes there and back`(contract: Contract, level: Level) throws {
    let problem = try problem(contract, level)
    let frame = try Frame(decoding: Frame(problem).encoded())
    #expect(frame.metadata["protocol"] == "2" && frame.metadata["contract"] == contract.description)
    #expect(try Problem(frame: frame) == problem)
    #expect((frame.entries["A_log"] == nil) == (level == .core || !contract.hasRate))
    let isTurned = frame.entries["state_in"]?.shape == [2, 2, 3, 2]
    #expect(isTurned == (contract.layout == .keyValue))
    #expect(problem.primals.state?.precision == contract.state)
  }

  @Test func `the plain rule is asked for in protocol 1`() throws {
    let frame = Frame(try problem(.plain, .core))
    #expect(frame.metadata["protocol"] == "1" && frame.metadata["contract"] == nil)
  }

  @Test func `results of states that lie the other way are turned`() throws {
    let contract = try Contract("layout=kv")
    let problem = try problem(contract, .core)
    let state = try #require(problem.primals.state)
    let answer = Evaluation(results: [.stateOut: state])
    let frame = Frame(answer, level: .core, precision: .fp32, contract: contract)
    #expect(frame.entries["state_out"]?.shape == [2, 2, 3, 2])
    #expect(try Evaluation(frame: frame, shape: problem.shape, contract: contract) == answer)
  }

  @Test func `whoever judges says which rule a case file is of`() throws {
    var frame = Frame(try problem(try Contract("decay=log"), .core))
    (frame.metadata["contract"], frame.metadata["protocol"]) = (nil, "1")
    let error = #expect(throws: InvalidCase.self) { try Problem(frame: frame) }
    #expect(error?.description.contains("--contract decay=log") == true)
    #expect(try Problem(frame: frame, contract: Contract("decay=log")).contract.decay == .log)
  }
}
