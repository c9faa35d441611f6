import Foreign
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

  @Test func `there are 73 cases of four libraries`() {
    let libraries = Dictionary(grouping: Fixture.all) { $0.path.split(separator: "/").first }
    #expect(libraries.mapValues(\.count) == ["fla": 9, "mlx-lm": 47, "onnxruntime": 9, "transformers": 8])
  }
}
