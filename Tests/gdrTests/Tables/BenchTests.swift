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
    let provenance = try #require((written as? [String: Any])?["provenance"] as? [String: Any])
    #expect(
      provenance["version"] as? String
        == run(["help"]).out[0].firstMatch(of: /[0-9.]+[0-9]/).map { "\($0.output)" })
    let picture = try String(contentsOfFile: "\(folder.path)/bench.svg", encoding: .utf8)
    #expect(
      picture.contains("What a layer costs") && picture.contains(">gdr bench --layer 1/2/4/4 --T 8,16,24 "))
  }

  @Test
  func
    `each format of the inputs has panels of its own, and lengths that are near are not named over each other`()
    throws
  {
    let folder = TemporaryFolder()
    let result = run(
      [
        "bench", "--layer", "1/2/4/4", "--T", "60,61,62,63,64,1000", "--rounds", "1", "--inputs", "f32,bf16",
        "--pass", "forward", "--only", "sequential", "--to", folder.path,
      ], implementations: Registry.all)
    #expect(result.code == .nothing)
    let picture = try String(contentsOfFile: "\(folder.path)/bench.svg", encoding: .utf8)
    #expect(picture.components(separatedBy: ">seconds, median<").count == 3)
    #expect(picture.contains(">Hk/Hv/Dk/Dv=1/2/4/4 bf16 inputs, forward<"))
    let labels = picture.matches(of: /x="([0-9.]+)" y="([0-9.]+)" text-anchor="middle">(6[0-9]|1,000)</)
    #expect(labels.count < 6 * 4 && labels.contains { $0.output.3 == "1,000" })
    let rows = Dictionary(grouping: labels) { "\($0.output.2)" }
    for row in rows.values {
      let places = row.compactMap { Double($0.output.1) }.sorted()
      #expect(zip(places, places.dropFirst()).allSatisfy { $1 - $0 > 12 || $1 - $0 > 300 }, "\(places)")
    }
  }

  /// What is built in under another name, with memory as large as that of its like.
  private struct Like: Implementation {
    let name: String
    var declaration: Declaration { Registry.all[0].declaration }
    let isLarger: Bool

    func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
      var answer = try Registry.all[0].evaluate(problem, request: request)
      answer.peakBytes = 1000 * problem.shape.T * (isLarger && problem.shape.T > 16 ? 5 : 1)
      return answer
    }
  }

  @Test func `curves of equal values are seen in turn, and alone where they part`() throws {
    let folder = TemporaryFolder()
    let likes = ["one", "two", "larger"].map { Like(name: $0, isLarger: $0 == "larger") }
    let result = run(
      ["bench", "--layer", "1/2/4/4", "--T", "8,16,24", "--rounds", "1", "--to", folder.path],
      implementations: likes)
    #expect(result.code == .nothing)
    let picture = try String(contentsOfFile: "\(folder.path)/bench.svg", encoding: .utf8)
    // Memory is drawn last. To 16 tokens all three are the same, from there two.
    for (colour, inThree, inTwo, radius) in [(0, 0, 0, "7.0"), (1, -7, -7, "5.0"), (2, -14, nil, "3")]
      as [(Int, Int, Int?, String)]
    {
      func dashed(_ gap: Int, _ offset: Int) -> String {
        "<path class=\"line line\(colour)\" stroke-dasharray=\"7 \(gap)\" stroke-dashoffset=\"\(offset)\" d="
      }
      #expect(picture.contains(dashed(14, inThree)))
      if let inTwo { #expect(picture.contains(dashed(7, inTwo))) }
      let dots = picture.split(separator: "\n").filter { $0.hasPrefix("<circle class=\"dot\(colour)\"") }
      #expect(dots.contains { $0.hasSuffix(" r=\"\(radius)\"/>") })
    }
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
