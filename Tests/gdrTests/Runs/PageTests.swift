import Foundation
import Implementations
import Support
import Testing
import gdr

/// What the page of a run says of it, and how it is laid out.
@Suite final class PageTests {
  let temporary = TemporaryFolder()
  var folder: String { temporary.path }

  /// A short run, whose record and page are written.
  private func night(_ name: String, seed: Int = 5) throws -> (record: String, page: String) {
    let (record, page) = ("\(folder)/\(name).json", "\(folder)/pages/\(name).html")
    let result = run(
      [
        "fuzz", "--cases", "6", "--size", "small", "--seed", "\(seed)", "--only", "sequential", "--corpus",
        "\(folder)/corpus", "--report", record, "--html", page,
      ], implementations: Registry.all)
    #expect(result.code == .nothing, "\(result.error)")
    return (record, page)
  }

  private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

  /// The record as of another time, in format 1, which has no checksum.
  private func moved(_ record: String, to seconds: Int, as name: String) throws -> String {
    let text = try text(record).replacing(/"started":[0-9.]+/, with: "\"started\":\(seconds)")
      .replacingOccurrences(of: "\"format\":4", with: "\"format\":1")
    return try temporary.write(Data(text.utf8), to: name)
  }

  @Test func `a run is written as a page, which says what it is of`() throws {
    let (_, page) = try night("a")
    let html = try text(page)
    let version = try #require(run(["help"]).out[0].split(separator: ":").first)
    #expect(html.contains("<p class=\"origin muted\">\(version)"))
    #expect(html.contains("<pre class=\"origin\">gdr fuzz --cases 6 --size small --seed 5 "))
    #expect(html.contains(/<h1>gdr, 20[0-9-]{8} [0-9:]{8} UTC<\/h1>/))
  }

  @Test func `a record that does not say is shown as one that does not`() throws {
    let (record, _) = try night("a")
    let old = try text(record).replacing(/"provenance":\{[^}]*\},/, with: "")
      .replacingOccurrences(of: "\"format\":4", with: "\"format\":1")
    let path = try temporary.write(Data(old.utf8), to: "old.json")
    #expect(!old.contains("provenance"))
    #expect(run(["report", path, "--html", "\(folder)/old.html"]).code == .nothing)
    #expect(try text("\(folder)/old.html").contains("does not say which version"))
  }

  @Test func `runs of one day are told apart, with the same cases too`() throws {
    let (record, _) = try night("a")
    let noon = 1_795_780_800  // 2026-11-27T12:00:00Z
    let runs = try (0..<3).map { try moved(record, to: noon + 3600 * $0, as: "\($0).json") }
    #expect(run(["report"] + runs + ["--html", "\(folder)/b.html"]).code == .nothing)
    let html = try text("\(folder)/b.html")
    for hour in 12...14 {
      #expect(html.contains(">11-27 \(hour):00:00</text>"), "\(hour)")
      #expect(html.contains("<td>2026-11-27 \(hour):00:00 UTC</td>"), "\(hour)")
    }
    #expect(html.contains("<h1>gdr, 2026-11-27 14:00:00 UTC</h1>"))
    // One file twice is one run.
    _ = run(["report", runs[0], runs[0], "--html", "\(folder)/c.html"])
    #expect(!(try text("\(folder)/c.html").contains("run by run")))
  }

  @Test func `the axis of the history reaches as far as its data`() throws {
    let (record, _) = try night("a")
    let small = try text(record).replacing(/"ratio":[0-9.e-]+/, with: "\"ratio\":3e-7")
    try Data(small.utf8).write(to: URL(filePath: record))
    let runs = try (0..<2).map { try moved(record, to: 1_795_780_800 + 90000 * $0, as: "\($0).json") }
    #expect(run(["report"] + runs + ["--html", "\(folder)/b.html"]).code == .nothing)
    let html = try text("\(folder)/b.html")
    #expect(html.contains(">1e-7</text>") && html.contains(">fails</text>"))
    #expect(html.contains(">2026-11-27</text>") && html.contains(">2026-11-28</text>"))
  }

  @Test func `what was drawn is folded, and no text is made smaller than 11 pixels`() throws {
    let html = try text(night("a").page)
    #expect(html.contains(#/<details><summary>[0-9]+ of [0-9]+ labelled dangers,/#))
    let sizes = html.matches(of: /font(?:-size)?:([0-9.]+)px/).compactMap { Double($0.output.1) }
    #expect(sizes.count > 5 && sizes.allSatisfy { $0 >= 11 }, "\(sizes)")
    // A picture that is wider than its place is scrolled, not shrunk.
    #expect(!html.contains("svg{max-width") && html.contains("overflow-x:auto"))
    let widths = html.matches(of: /<svg [^>]*width="([0-9.]+)"/).compactMap { Double($0.output.1) }
    #expect(!widths.isEmpty && widths.allSatisfy { $0 <= 1100 }, "\(widths)")
  }
}
