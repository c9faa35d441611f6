import Implementations
import Testing
import gdr

@Suite struct SelectionTests {
  static let recipe = "v1/B1-T2-Hk1-Hv1-Dk1-Dv1/keys=equal/decay=none/write=0/f32/seed=0"

  /// The names in front of the verdicts of a replay, beside the worker `mine`, which ends before it says anything.
  func names(_ words: String...) -> [Substring] {
    let built = Registry.all.filter { ["sequential", "fused"].contains($0.name) }
    let lines = run(
      ["replay", SelectionTests.recipe, "--against", "mine=exit 0"] + words, implementations: built
    ).out
    return lines.dropFirst().compactMap { $0.split(separator: " ").first }
  }

  @Test func `a worker is tested whatever --only names, once, and alone without it`() {
    #expect(names() == ["mine"])
    #expect(names("--only", "sequential") == ["sequential", "mine"])
    #expect(names("--only", "mine,fused,fused") == ["mine", "fused"])
  }

  @Test func `--only must name something`() {
    let result = run(["replay", SelectionTests.recipe, "--only", ","])
    #expect(result.code == .usage)
    #expect(result.error == ["gdr: --only needs a value: --only NAMES"])
  }
}
