import Foreign
import GatedDeltaRule
import Support
import Testing

@Suite struct FixtureTests {
  @Test(arguments: Fixture.all)
  func `a fixture is a case with recorded results, and survives a round trip`(fixture: Fixture) throws {
    let (_, recorded) = try fixture.load()
    #expect(recorded.evaluation[.y] != nil)
    #expect(recorded.evaluation[.stateOut] != nil)
    #expect(recorded.name.contains("."), "names no version")
    let frame = try fixture.frame()
    #expect(try Frame(decoding: frame.encoded()) == frame)
  }

  @Test func `there are 107 cases of five libraries`() {
    let libraries = Dictionary(grouping: Fixture.all) { $0.path.split(separator: "/").first }
    let counts: [Substring?: Int] = [
      "fla": 16, "mlx-lm": 57, "onnx": 3, "onnxruntime": 15, "transformers": 16,
    ]
    #expect(libraries.mapValues(\.count) == counts)
  }

  @Test func `every part of a contract is in some fixture with gradients`() throws {
    let files = try Fixture.all.map { try $0.load() }
    let contracts = files.filter { $0.recorded.evaluation[.dv] != nil }.map(\.problem.contract)
    for part in Self.parts {
      #expect(contracts.contains(where: part.isIn), "\(part.name)")
    }
    #expect(files.count { $0.problem.contract != .plain } == 34)
  }

  private static let parts: [(name: String, isIn: @Sendable (Contract) -> Bool)] = [
    ("a bounded gate", { if case .bounded(_, hasRate: true) = $0.gate { true } else { false } }),
    ("one without A_log", { !$0.hasRate }),
    ("2 sigmoid", { $0.write == .doubleSigmoid }),
    ("normalised q and k", { $0.queryKey != .given }),
    ("Dk^-1/2", { $0.scale == .rsqrt }),
    ("a scale", { if case .value = $0.scale { true } else { false } }),
    ("log g", { $0.decay == .log }),
    ("states [Dk, Dv]", { $0.layout == .keyValue }),
    ("a state in bf16", { $0.state == .bf16 }),
    ("a state in fp16", { $0.state == .fp16 }),
  ]
}
