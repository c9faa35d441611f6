import Foundation
import GatedDeltaRule
import Inversion
import Kernels
import Oracle
import Support
import Testing
import gdr

/// What stands in pages and files of the guard.
@Suite final class GuardPageTests {
  let folder = TemporaryFolder()

  /// Every row of the page's table, measured again: the numbers to the digit, and the grade.
  @Test func `the page says what the guard measures`() throws {
    let path = Repository.path + "/Sources/Inversion/Inversion.docc/Inversion.md"
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    let head = try #require(lines.firstIndex { $0.hasPrefix("| doubling in sub-blocks of |") })
    let rows = lines[(head + 2)...].prefix { $0.hasPrefix("|") }
    #expect(rows.count == 6)
    let cells = try GuardSweep(corner: rows.compactMap { Int(entries($0)[0]) }).run()
    for row in rows {
      let entries = entries(row)
      let own = cells.filter { "\($0.subBlock)" == entries[0] }
      let measured = [64, 256].map { T in own.first { $0.point.T == T }?.error.map(short) ?? "" }
      let grade = own.compactMap(\.grade).max()?.rawValue ?? ""
      #expect(Array(entries[1...]) == measured + [grade], "\(entries[0])")
    }
  }

  private func entries(_ row: Substring) -> [String] {
    row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
  }

  @Test func `a quick sweep fills every panel`() throws {
    #expect(run(["guard", "--quick", "--to", folder.path]).code == .nothing)
    let picture = try String(contentsOfFile: folder.path(of: "guard.svg"), encoding: .utf8)
    for method in Inversion.Method.allCases { #expect(picture.contains(">\(method.text)<")) }
    // Four formats and one for beta up to 2 in each panel, six dots in a legend of none.
    let curves = picture.components(separatedBy: "<path class=\"line").count - 1
    #expect(curves >= 5 * Inversion.Method.allCases.count)
    #expect(!picture.contains("d=\"M \""))
    // Which program drew it, and how.
    #expect(picture.contains(">gdr guard --quick --to \(folder.path)<"))
    // The same rows of a sub-block have the same colour in every panel.
    for subBlock in [8, 16, 32] {
      let inks = ["\(subBlock)", "sub-block \(subBlock)"].map { name in
        picture.matches(of: /<text class="(ink[0-9]+)"[^>]*>([^<]*)</).first { $0.output.2 == name }?.output.1
      }
      #expect(inks[0] != nil && inks[0] == inks[1], "\(subBlock)")
    }
  }

  @Test func `a file from before there were bare solves is read`() throws {
    #expect(run(["guard", "--quick", "--to", folder.path]).code == .nothing)
    let path = folder.path(of: "guard.json")
    var json = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: path))) as? [String: Any])
    #expect(json.removeValue(forKey: "inversions") != nil)
    #expect(json.removeValue(forKey: "provenance") != nil)
    try JSONSerialization.data(withJSONObject: json).write(to: URL(filePath: path))
    let record = folder.path(of: "run.json")
    _ = run(
      [
        "fuzz", "--cases", "2", "--size", "small", "--seed", "5", "--only", "sequential", "--corpus",
        folder.path(of: "corpus"), "--report", record,
      ], implementations: Catalogue.all)
    let page = folder.path(of: "a.html")
    #expect(run(["report", record, "--html", page, "--guard", path]).code == .nothing)
    let html = try String(contentsOfFile: page, encoding: .utf8)
    #expect(html.contains("Where each solve is safe") && html.contains("growth, by sub-block"))
    // What says that it holds more than it does is none.
    json["inversions"] = ["axes": ["keys": ["equal"]], "errors": []] as [String: Any]
    try JSONSerialization.data(withJSONObject: json).write(to: URL(filePath: path))
    #expect(run(["report", record, "--html", page, "--guard", path]).code == .badFile)
  }
}
