import Generator
import Testing
import gdr

@Suite struct ClaimTests {
  /// What is known of the published numbers, of every quick row; a row that turns over is news.
  static let verdicts: [String: Claim.Verdict] = [
    "checkpoint-exact": .holds, "groups-masks-states": .holds, "gradients-moderate": .holds,
    "gradients-slow": .holds, "gradients-init": .fails, "gradients-saturated": .fails,
    "kernel-constraints": .holds, "evaluation-forward": .holds, "evaluation-1217": .inKind,
    "evaluation-1389": .holds, "evaluation-dg": .inKind, "corner-16": .inKind, "corner-16-state": .inKind,
    "corner-32": .fails, "corner-32-growth": .inKind, "corner-test": .holds, "corner-gradients": .inKind,
    "dead-zone": .holds, "noise-zone": .fails, "own-clamp": .fails, "slow-decay": .fails,
    "state-fp32": .holds, "difference-test": .fails, "allclose-test": .fails, "retained-states": .holds,
    "history-buffer": .fails, "token-bytes": .inKind, "speed-table": .holds, "sharing-numerics": .holds,
    "sharing-flops": .holds,
  ]

  @Test(arguments: Claim.all.filter(\.isQuick).map(\.name))
  func `a quick row stands where it stood, and its recipe can be read`(name: String) throws {
    let claim = try #require(Claim.all.first { $0.name == name })
    let result = try claim.measure()
    #expect(result.verdict == Self.verdicts[name], "\(result.ours)")
    #expect(!result.ours.isEmpty)
    #expect(!result.ours.lowercased().contains("nan"), "\(result.ours)")
    #expect(throws: Never.self) { try result.recipe.map { try Recipe($0) } }
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
