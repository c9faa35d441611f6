import Foundation
import GatedDeltaRule
import Implementations
import Support
import Testing
import gdr

/// `gdr bench` and `gdr search`, on what takes no time.
@Suite struct BenchTests {
  @Test func `those that agree are timed, those that do not are named`() throws {
    let folder = TemporaryFolder()
    let result = run(
      [
        "bench", "--layer", "1/2/4/4", "--T", "8,16,24", "--rounds", "2", "--threads", "2", "--to",
        folder.path,
        "--only", "sequential,chunked,stub",
      ], implementations: Registry.all + [Stub()])
    #expect(result.code == .nothing)
    #expect(result.out.contains { $0.contains("  sequential ") && $0.contains("GFLOP") == false })
    #expect(result.out.contains { $0.hasPrefix("  not timed: stub: ") })
    #expect(result.out.contains { $0.hasPrefix("cost grows as sequential T^") })
    let written = try JSONSerialization.jsonObject(
      with: Data(contentsOf: URL(filePath: "\(folder.path)/bench.json")))
    let series = try #require((written as? [String: Any])?["series"] as? [[String: Any]])
    #expect(series.count == 3)
    let results = try #require(series[0]["results"] as? [[String: Any]])
    #expect(results.compactMap { $0["implementation"] as? String } == ["sequential", "chunked"])
    #expect(results.allSatisfy { ($0["seconds"] as? [Double])?.count == 2 })
    #expect(
      try String(contentsOfFile: "\(folder.path)/bench.svg", encoding: .utf8).contains("What a layer costs"))
  }

  @Test func `a layer that is none is one line and 64`() {
    let result = run(["bench", "--layer", "3/4/8/8"], implementations: Registry.all)
    #expect(result.code == .usage)
    #expect(result.error.count == 1)
  }

  @Test func `a search says what guidance finds beside drawing`() {
    let result = run(
      ["search", "--runs", "2", "--evaluations", "60", "--only", "chunked-sb32"],
      implementations: Registry.all)
    #expect(result.code == .nothing)
    #expect(result.out.contains { $0.hasPrefix("chunked-sb32, drawn") })
    #expect(result.out.contains { $0.hasPrefix("chunked-sb32, guided") })
    #expect(result.out.contains { $0.contains("gdr replay v1/") })
  }
}
