import Generator
import Testing
import gdr

@Suite struct ClaimTests {
  @Test(arguments: Claim.all.filter(\.isQuick).map(\.name))
  func `a quick row computes, and its recipe can be read`(name: String) throws {
    let claim = try #require(Claim.all.first { $0.name == name })
    let result = try claim.measure()
    #expect(!result.ours.isEmpty)
    #expect(!result.ours.lowercased().contains("nan"), "\(result.ours)")
    if let recipe = result.recipe { _ = try Recipe(recipe) }
  }

  /// What is known of the published numbers; a row that turns over is news.
  @Test(arguments: [
    ("checkpoint-exact", Claim.Verdict.holds), ("groups-masks-states", .holds), ("dead-zone", .holds),
    ("noise-zone", .fails), ("own-clamp", .fails), ("corner-16", .inKind), ("corner-32", .fails),
    ("difference-test", .fails), ("slow-decay", .fails), ("history-buffer", .fails),
    ("retained-states", .holds), ("kernel-constraints", .holds),
  ])
  func `a claim stands where it stood`(name: String, verdict: Claim.Verdict) throws {
    let result = try #require(Claim.all.first { $0.name == name }).measure()
    #expect(result.verdict == verdict, "\(result.ours)")
  }

  @Test func `names are unique`() {
    #expect(Set(Claim.all.map(\.name)).count == Claim.all.count)
  }

  @Test func `an unknown row is one line and 64`() {
    let result = run(["claims", "--only", "nothing"])
    #expect(result.code == .usage)
    #expect(result.error.count == 1)
  }

  @Test func `a row says who, what and how to see it`() {
    let result = run(["claims", "--only", "history-buffer"])
    #expect(result.code == .nothing)
    #expect(result.out.contains { $0.contains("201.3 MB in bf16") && $0.hasSuffix("does not hold") })
    #expect(result.out.contains("    gdr claims --only history-buffer"))
  }
}
