import GatedDeltaRule
import Generator
import Implementations
import Oracle
import Testing

/// One group of heads says of an answer what the whole would.
@Suite struct HeadGroupTests {
  private let recipe =
    "v1/B1-T9-Hk3-Hv6-Dk4-Dv5/keys=random/decay=-0.3/write=0.5/state=random/dstate=random/f32/seed=3"

  @Test func `a fault shows in its own group and in no other`() throws {
    let problem = try Recipe(recipe).render()
    let kernel = try #require(Registry.all.first { $0.name == "sequential" })
    var answer = try kernel.evaluate(problem, request: Request())
    func grades() throws -> [Grade] {
      try (0..<3).map {
        try HeadGroup($0, of: problem).judgement(of: answer, by: Declaration()).verdict.grade
      }
    }
    #expect(try grades() == [.agrees, .agrees, .agrees])
    // Value head 3 reads key head 1.
    answer.results[.dv]?.values[3 * 5] += 1
    #expect(try grades() == [.agrees, .disagrees, .agrees])
    answer.results[.dk]?.values[2 * 4] += 1
    #expect(try grades() == [.agrees, .disagrees, .disagrees])
  }
}
