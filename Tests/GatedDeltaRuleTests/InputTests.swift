import GatedDeltaRule
import Testing

@Suite struct InputTests {
  let shape = try! Shape(B: 2, T: 3, Hk: 2, Hv: 4, Dk: 5, Dv: 6, decayKind: .perChannel)

  @Test func `ordinals count the inputs, as they count the results`() {
    #expect(Input.allCases.map(\.ordinal) == Array(0..<Input.allCases.count))
    #expect(Quantity.allCases.map(\.ordinal) == Array(0..<Quantity.count))
  }

  @Test func `a gradient has the name and the shape of what it belongs to`() throws {
    for input in Input.allCases {
      guard let gradient = input.gradient else { continue }
      #expect(gradient.rawValue == "d" + input.rawValue)
      #expect(gradient.isPerToken == input.isPerToken)
      #expect(gradient.shape(in: shape) == input.shape(in: shape))
    }
    #expect(Set(Input.allCases.compactMap(\.gradient)) == Set(Quantity.allCases.filter(\.isGradient)))
  }

  @Test(arguments: Level.allCases)
  func `a problem lists the inputs that it has`(level: Level) throws {
    func tensor(_ input: Input) -> Tensor { Tensor(shape: input.shape(in: shape)) }
    let gates: Gates =
      level == .core
      ? .core(g: tensor(.g), beta: tensor(.beta))
      : .model(a: tensor(.a), b: tensor(.b), A_log: tensor(.A_log), dt_bias: tensor(.dt_bias))
    let primals = Primals(
      q: tensor(.q), k: tensor(.k), v: tensor(.v), gates: gates, state: tensor(.stateIn))
    let problem = try Problem(
      shape: shape, primals: primals,
      cotangents: Outputs(y: tensor(.dy), state: tensor(.dstateOut)))
    #expect(
      problem.tensors.map(\.input)
        == [.q, .k, .v] + Input.gates(at: level) + [.stateIn, .dy, .dstateOut])
    #expect(problem.tensors.allSatisfy { $0.tensor.shape == $0.input.shape(in: shape) })
  }
}
