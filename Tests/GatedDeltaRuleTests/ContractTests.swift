import GatedDeltaRule
import Support
import Testing

@Suite struct ContractTests {
  @Test(arguments: Contract.cases) func `the text of a contract reads back`(contract: Contract) throws {
    #expect(try Contract(contract.description) == contract)
    #expect(contract != .plain)
  }

  @Test func `what is plain is left out, and may be spelled out in any order`() throws {
    #expect(Contract.plain.description == "plain")
    #expect(try Contract("plain") == .plain)
    let spelled = "state=f32,layout=vk,decay=linear,scale=1,qk=given,beta=sigmoid,gate=softplus"
    #expect(try Contract(spelled) == .plain)
    let text = "gate=bounded:-5,noA,beta=2sigmoid,qk=l2norm:1e-6,scale=rsqrt,decay=log,layout=kv,state=bf16"
    let contract = try Contract(text)
    #expect(contract.description == text)
    #expect(contract.gate == .bounded(-5, hasRate: false) && contract.queryKey == .l2norm(epsilon: 1e-6))
    #expect(contract.state == .bf16 && !contract.hasRate)
  }

  @Test(arguments: [
    "", ",", "gate", "gate=", "gate=bounded", "gate=bounded:5", "gate=bounded:0", "gate=bounded:-1e9", "noA",
    "gate=softplus,noA", "beta=3sigmoid", "qk=l2norm", "qk=l2norm:0", "qk=l2norm:2", "scale=0", "scale=-1",
    "scale=nan", "decay=ln", "layout=kk", "state=fp8", "gate=softplus,gate=softplus", "eps=1",
  ]) func `what is no contract is one line that says what is expected`(text: String) {
    let error = #expect(throws: InvalidContract.self) { try Contract(text) }
    #expect(error?.description.contains("expected") == true)
    #expect(error?.description.contains("\n") == false)
  }

  @Test func `a level sees what concerns it alone`() throws {
    let contract = try Contract("gate=bounded:-5,noA,beta=2sigmoid,qk=l2norm:1e-6,decay=log")
    #expect(contract.acting(at: .core) == (try Contract("qk=l2norm:1e-6,decay=log")))
    #expect(contract.acting(at: .model) == (try Contract("gate=bounded:-5,noA,beta=2sigmoid,qk=l2norm:1e-6")))
    #expect(!contract.quantities(at: .model).contains(.dA_log))
    #expect(Contract.plain.quantities(at: .model) == Quantity.all(at: .model))
  }

  @Test func `a logarithm of g may be negative, and minus infinity, and neither NaN nor infinity`() throws {
    func problem(_ g: Double, _ contract: Contract) throws -> Problem {
      var primals = try Problem.zeros(T: 1).primals
      primals.gates = .core(g: Tensor(shape: [1, 1, 1], values: [g]), beta: Tensor(shape: [1, 1, 1]))
      return try Problem(
        shape: try Problem.zeros(T: 1).shape, primals: primals, cotangents: Outputs(), contract: contract)
    }
    let log = try Contract("decay=log")
    for legal in [0, -3, -Double.infinity] { #expect(try problem(legal, log).contract == log) }
    for illegal in [Double.nan, .infinity] {
      #expect(throws: InvalidProblem.self) { try problem(illegal, log) }
    }
    let error = #expect(throws: InvalidProblem.self) { try problem(-3, .plain) }
    #expect(error?.description.contains("--contract decay=log") == true)
  }
}
