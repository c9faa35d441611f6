import Foundation
import GatedDeltaRule
import Generator
import Implementations
import Oracle
import Support
import Testing
import gdr

@Suite final class ReportTests {
  let temporary = TemporaryFolder()
  var folder: String { temporary.path }

  var corpus: Corpus { Corpus(path: "\(folder)/corpus") }

  /// A short run with a finding whose words are markup, a control and a saved case that changed.
  func night() throws -> String {
    let recipe = try Recipe("v1/B1-T1-Hk1-Hv1-Dk1-Dv1/keys=equal/decay=none/write=0.5/f32/seed=0")
    var saved = try Finding(
      recipe, CrossCheck(recipe).judge(try #require(Registry.named("sequential"))), why: "for tests")
    saved.expectation = .disagrees
    try corpus.save(saved, on: .regression)
    let implementations: [any Implementation] =
      Registry.all.filter { ["sequential", "chunked-sb32"].contains($0.name) } + [Rude()]
    let path = "\(folder)/night.json"
    let result = run(
      [
        "fuzz", "--profile", "ci", "--cases", "60", "--size", "small", "--seed", "5", "--corpus", corpus.path,
        "--report", path,
      ], implementations: implementations)
    #expect(result.code == .findings)
    #expect(result.error.count == 1)
    return path
  }

  /// Throws, in words that no markup survives unless it is escaped.
  private struct Rude: Implementation {
    var name: String { "rude" }
    var summary: String { "for tests" }
    var declaration: Declaration { Declaration() }
    func refusal(of problem: Problem) -> String? { problem.shape.T > 3 ? "<T>3 & \"more\"" : nil }

    func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
      throw Breakdown("</script><b>\"&\u{1}%")
    }
  }

  @Test func `one run in every format`() throws {
    let night = try night()
    let text = run(["report", night])
    #expect(text.code == .nothing)
    #expect(text.out.contains("1 finding"))
    #expect(text.out.contains { $0.contains("regression/") && $0.contains("changed") })
    let result = run([
      "report", night, "--html", "\(folder)/a.html", "--junit", "\(folder)/a.xml", "--sarif",
      "\(folder)/a.sarif",
    ])
    #expect(result.code == .nothing)
    try checkPage()
    try checkJUnit()
    try checkSARIF()
  }

  private func checkPage() throws {
    let html = try String(contentsOfFile: "\(folder)/a.html", encoding: .utf8)
    #expect(html.contains("1 finding, 1 changed case"))
    #expect(html.contains("gdr replay v1/B1-"))
    #expect(html.contains("prefers-color-scheme: dark"))
    #expect(!html.contains("<script") && !html.contains("</script>") && !html.contains("\u{1}"))
    #expect(
      !html.contains("http://")
        || html.components(separatedBy: "http://").dropFirst().allSatisfy {
          $0.hasPrefix("www.w3.org/2000/svg")
        })
    // What is well-formed as XML, the prologue apart, has every element closed.
    #expect(isWellFormed(html.withoutPrologue))
  }

  private func checkJUnit() throws {
    let xml = try String(contentsOfFile: "\(folder)/a.xml", encoding: .utf8)
    #expect(isWellFormed(xml))
    #expect(xml.contains("classname=\"corpus\" name=\"regression/"))
    #expect(xml.contains("<testcase classname=\"chunked-sb32\" name=\"a control is caught\"/>"))
    #expect(xml.contains("<testcase classname=\"sequential\" name=\"agrees with the reference\"/>"))
    for property in Property.all {
      #expect(xml.contains("<testcase classname=\"sequential\" name=\"\(property.name)\""))
    }
    let cases = xml.components(separatedBy: "<testcase ").count - 1
    let failures = xml.components(separatedBy: "<failure ").count - 1
    #expect(xml.contains("<testsuites name=\"gdr\" tests=\"\(cases)\" failures=\"\(failures)\""))
    #expect(failures == 2)
  }

  private func checkSARIF() throws {
    let data = try Data(contentsOf: URL(filePath: "\(folder)/a.sarif"))
    let log = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(log["version"] as? String == "2.1.0")
    let runs = try #require(log["runs"] as? [[String: Any]])
    let results = try #require(runs.first?["results"] as? [[String: Any]])
    #expect(results.map { $0["ruleId"] as? String } == ["failed", "saved case changed"])
    for result in results {
      let locations = try #require(result["locations"] as? [[String: Any]])
      let physical = try #require(locations.first?["physicalLocation"] as? [String: Any])
      let artifact = try #require(physical["artifactLocation"] as? [String: Any])
      #expect((artifact["uri"] as? String)?.hasPrefix("\(corpus.path)/") == true)
    }
  }

  @Test func `annotations are commands of one line each`() throws {
    let night = try night()
    // Where the run had its cases, unless somebody knows better.
    for (words, corpus) in [([], corpus.path), (["--corpus", "elsewhere"], "elsewhere")] {
      let lines = run(["report", night, "--github"] + words).out
      #expect(lines.count == 3)
      #expect(lines[0].hasPrefix("::error file=\(corpus)/found/v1+"))
      #expect(lines[1].hasPrefix("::error file=\(corpus)/regression/"))
    }
    let lines = run(["report", night, "--github"]).out
    #expect(lines[0].contains("%25") && lines[0].contains("%0Agdr replay "))
    #expect(lines[2].hasPrefix("::notice title=gdr::60 cases of seed 5"))
  }

  @Test func `several nights make a history, and the latest is reported`() throws {
    let first = try night()
    let later = "\(folder)/later.json"
    let text = try String(contentsOfFile: first, encoding: .utf8)
    let changed = text.replacing(/"started":[0-9.]+/, with: "\"started\":32503680000")
      .replacingOccurrences(of: "\"seed\":5", with: "\"seed\":6")
      // Format 1 has no checksum, so that a changed record is read.
      .replacingOccurrences(of: "\"format\":4", with: "\"format\":1")
    try Data(changed.utf8).write(to: URL(filePath: later))
    _ = run(["report", later, first, "--html", "\(folder)/a.html"])
    let html = try String(contentsOfFile: "\(folder)/a.html", encoding: .utf8)
    #expect(html.contains("<h1>gdr, 3000-01-01 00:00:00 UTC</h1>"))
    #expect(html.contains("run by run"))
  }

  @Test func `what is no record is one line and 65`() throws {
    try temporary.write(Data("[1,2".utf8), to: "junk")
    for (words, line) in [
      (["\(folder)/junk"], "gdr: \(folder)/junk: is no record of a run: it is not JSON"),
      (["\(folder)/none"], "gdr: \(folder)/none: cannot read: No such file or directory"),
    ] {
      let result = run(["report"] + words)
      #expect(result.code == .badFile)
      #expect(result.error == [line])
    }
    #expect(run(["report"]).code == .usage)
    // One night that cannot be read does not take the others with it.
    let mixed = run(["report", "\(folder)/junk", try night()])
    #expect(mixed.code == .badFile && mixed.error.count == 1)
    #expect(mixed.out.contains("1 finding"))
    let map = run(["report", try night(), "--html", "\(folder)/a.html", "--guard", "\(folder)/junk"])
    #expect(map.error == ["gdr: \(folder)/junk: is no guard.json as gdr guard --to writes it"])
    let power = run(["report", try night(), "--html", "\(folder)/a.html", "--power", "\(folder)/junk"])
    #expect(power.error == ["gdr: \(folder)/junk: is no table as gdr power --csv writes it"])
  }

  @Test func `the smallest fault that is found stands in the page`() throws {
    let sheet = "\(folder)/power.csv"
    let power = run(["power", "--inputs", "f32", "--size", "small", "--cases", "1", "--csv", sheet])
    #expect(power.code == .nothing)
    let rows = try String(contentsOfFile: sheet, encoding: .utf8).split(separator: "\n")
    let faults = rows.dropFirst().map { $0.split(separator: ",", omittingEmptySubsequences: false)[5] }
    let fault = try #require(faults.first { !$0.isEmpty })
    _ = run(["report", try night(), "--html", "\(folder)/a.html", "--power", sheet])
    let html = try String(contentsOfFile: "\(folder)/a.html", encoding: .utf8)
    #expect(isWellFormed(html.withoutPrologue))
    #expect(html.contains("<summary>fp32, sequential</summary>") && html.contains("<td>\(fault)</td>"))
  }

  /// Elements nest, attributes are quoted, and nothing is a bare ampersand.
  private func isWellFormed(_ text: String) -> Bool {
    var open: [Substring] = []
    for match in text.matches(
      of: /<(\/?)([a-zA-Z0-9]+)((?:\s+[a-zA-Z0-9:-]+="[^"<]*")*)\s*(\/?)>|<[^?]|&(?!amp;|lt;|gt;|quot;)/)
    {
      guard let name = match.output.2 else { return false }
      if match.output.1 == "/" {
        guard open.popLast() == name else { return false }
      } else if match.output.4 != "/" {
        open.append(name)
      }
    }
    return open.isEmpty
  }
}

extension String {
  /// A page as XML.
  fileprivate var withoutPrologue: String {
    replacingOccurrences(of: "<!DOCTYPE html>\n", with: "").replacing(/<meta[^>]*>/, with: "")
  }
}
