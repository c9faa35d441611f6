import Foundation
import Implementations
import Support
import Testing
import gdr

/// Lines that a person is told to type.
@Suite struct PrintedLineTests {
  private static let failing = "v1/B1-T28-Hk1-Hv1-Dk1-Dv1/keys=equal/decay=none/write=0.999/f32/seed=0"

  /// The command lines in an output, as a shell takes them apart.
  private func lines(in output: [String]) -> [[String]] {
    output.flatMap { $0.split(separator: "\n") }
      .map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { $0.hasPrefix("gdr replay ") || $0.hasPrefix("gdr explain ") }
      .map { $0.split(separator: " ").dropFirst().map { $0.trimmingCharacters(in: ["'"]) } }
  }

  @Test(arguments: [
    ["fuzz", "--only", "chunked-sb32", "--controls", "--size", "small", "--cases", "200", "--seed", "1"],
    ["shrink", failing, "--only", "chunked-sb32"],
    ["repro", failing, "--markdown", "--only", "chunked-sb32"],
  ])
  func `each of them runs and shows the failure`(words: [String]) throws {
    let folder = TemporaryFolder()
    let corpus = words[0] == "fuzz" ? ["--corpus", folder.path] : []
    let printed = run(words + corpus, implementations: Registry.all).out
    let commands = lines(in: printed)
    #expect(!commands.isEmpty, "\(printed)")
    for command in commands {
      #expect(run(command, implementations: Registry.all).code == .findings, "\(command)")
    }
  }

  /// What a run saves opens wherever a case is named.
  @Test(arguments: [["explain"], ["shrink"], ["repro", "--markdown"]])
  func `a saved finding opens in every command`(command: [String]) throws {
    let path = try saved()
    let result = run(command + [path.finding], implementations: Registry.all)
    #expect(result.code == .findings, "\(result.error) \(result.out)")
  }

  @Test func `a finding is exported, and its tensors open in every command`() throws {
    let path = try saved()
    let exported = run(["export", path.finding, "--to", path.tensors], implementations: Registry.all)
    #expect(exported.code == .nothing, "\(exported.error)")
    for command in [["explain"], ["shrink"], ["replay"]] {
      let result = run(command + [path.tensors, "--only", "chunked-sb32"], implementations: Registry.all)
      #expect(result.code == .findings, "\(command): \(result.error) \(result.out)")
    }
    let out = path.tensors + ".again.safetensors"
    #expect(run(["export", path.tensors, "--to", out], implementations: Registry.all).code == .nothing)
  }

  /// They would be judged as what they were.
  @Test func `tensors that are not those of their recipe are refused`() throws {
    let path = try saved().tensors
    let recipe = "v1/B1-T4-Hk1-Hv2-Dk4-Dv4/keys=random/decay=-0.1/write=0.5/f32/seed=0"
    #expect(run(["export", recipe, "--to", path]).code == .nothing)
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    bytes[bytes.count - 3] ^= 1
    try bytes.write(to: URL(fileURLWithPath: path))
    for command in ["replay", "explain", "shrink", "repro"] {
      let result = run([command, path], implementations: Registry.all)
      #expect(
        result.code == .badFile && result.error.joined().contains("not those of the recipe"), "\(command)")
    }
  }

  @Test func `a file that is not there is said to be missing`() {
    for command in ["replay", "explain", "shrink", "repro"] {
      let result = run([command, "nosuch.json"], implementations: Registry.all)
      #expect(result.code == .badFile && result.error.joined().contains("No such file"), "\(command)")
    }
  }

  @Test func `tensors without a recipe are sent to check`() throws {
    let folder = TemporaryFolder()
    let path = try folder.writeCase()
    let result = run(["explain", path], implementations: Registry.all)
    #expect(result.code == .badFile)
    #expect(result.error.joined().contains("gdr check"))
  }

  private func saved() throws -> (finding: String, tensors: String) {
    let folder = TemporaryFolder()
    let words = [
      "fuzz", "--only", "chunked-sb32", "--controls", "--size", "small", "--cases", "200", "--seed", "1",
    ]
    _ = run(words + ["--corpus", folder.path], implementations: Registry.all)
    let found = folder.path + "/found"
    let name = try #require(
      try FileManager.default.contentsOfDirectory(atPath: found).first { $0.hasSuffix(".json") })
    // The folder goes with its last user.
    let kept = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: kept, withIntermediateDirectories: true)
    let path = kept.appendingPathComponent(name).path
    try FileManager.default.copyItem(atPath: found + "/" + name, toPath: path)
    return (path, kept.appendingPathComponent("case.safetensors").path)
  }
}

/// Limits, the reference and its bounds, for tests of somebody's own.
@Suite struct OwnTestTests {
  @Test func `the reference and what is allowed are written`() throws {
    let folder = TemporaryFolder()
    let (tensors, out) = (folder.path + "/case.safetensors", folder.path + "/out.safetensors")
    let recipe = "v1/B1-T3-Hk1-Hv2-Dk3-Dv2/keys=random/decay=-0.5/write=0.5/f32/seed=1"
    #expect(run(["export", recipe, "--to", tensors]).code == .nothing)
    let result = run(
      ["eval", tensors, "--implementation", "reference", "--bounds", "--to", out],
      implementations: Registry.all)
    #expect(result.code == .nothing, "\(result.error)")
    for name in ["y", "dk", "allowed.y", "allowed.dstate_in"] {
      #expect(result.out.joined().contains(" \(name)"))
    }
  }

  @Test func `limits are printed as Python`() throws {
    let words = [
      "tolerance", "--shape", "B1-T6-Hk1-Hv2-Dk4-Dv4", "--as", "products:bf16,chunked:16", "--cases", "6",
    ]
    let result = run(words, implementations: Registry.all)
    #expect(result.code == .nothing, "\(result.error)")
    let text = result.out.joined(separator: "\n")
    for word in ["LIMITS = {", "\"dstate_in\": (", "def check(", "known faults", "--cases 6 --seed 1"] {
      #expect(text.contains(word))
    }
  }

  /// Of numpy's arrays what the printed function asks of them.
  private static let arrays = """
    class Array:
        def __init__(self, values): self.values = values
        def __sub__(self, other): return Array([x - y for x, y in zip(self.values, other.values)])
        def __abs__(self): return Array([abs(x) for x in self.values])
        def __pow__(self, n): return Array([x**n for x in self.values])
        def mean(self): return sum(self.values) / len(self.values)
        def max(self): return float("nan") if any(x != x for x in self.values) else max(self.values)
    """

  @Test(arguments: [("[0.0, 0.0]", true), ("[0.0, 0.5]", false), ("[0.0, float('nan')]", false)])
  func `nothing is right where all that is expected is 0, and nothing else`(
    answer: String, isRight: Bool
  ) throws {
    let words = ["tolerance", "--shape", "B1-T4-Hk1-Hv1-Dk2-Dv2", "--cases", "4"]
    let text = run(words, implementations: Registry.all).out.joined(separator: "\n")
    let check = "check('y', Array(\(answer)), Array([0.0, 0.0]))"
    let python = Process()
    python.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    python.arguments = ["python3", "-c", Self.arrays + "\n" + text + "\n" + check]
    python.standardError = FileHandle.nullDevice
    try python.run()
    python.waitUntilExit()
    #expect((python.terminationStatus == 0) == isRight)
  }

  @Test(arguments: [
    ["tolerance"], ["tolerance", "--shape", "B1-T6"],
    ["tolerance", "--shape", "B1-T6-Hk1-Hv1-Dk2-Dv2", "--as", "nonsense"],
  ])
  func `what is no shape or no law is refused in a line`(words: [String]) {
    let result = run(words, implementations: Registry.all)
    #expect([.usage, .badFile].contains(result.code) && result.error.count == 1, "\(result.error)")
  }
}
