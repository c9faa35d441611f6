import Foundation
import Machine
import Oracle

extension Command {
  /// `gdr report`.
  static let report = Command(
    name: "report", operands: "RUN.json...",
    summary: "report the latest of some runs; the others are its history",
    flags: [
      Flag("html", "FILE", file: .written, summary: "one page with pictures"),
      Flag(
        "junit", "FILE", file: .written,
        summary: "JUnit XML: a case for every saved case, every property and the run's health"),
      Flag("sarif", "FILE", file: .written, summary: "SARIF 2.1.0: the findings"),
      Flag(
        "study", "FOLDER", file: .written,
        summary: "study.md and study.svg: how near its bound every result comes"),
      Flag("coverage", summary: "list how often every labelled danger was drawn"),
      Flag("github", summary: "annotations for a GitHub workflow, instead of the text"),
      Flag("guard", "guard.json", needs: "html", file: .read, summary: "html: the picture of gdr guard --to"),
      Flag("map", "map.json", needs: "html", file: .read, summary: "html: the picture of gdr map --to"),
      Flag("power", "power.csv", needs: "html", file: .read, summary: "html: the table of gdr power --csv"),
      Flag("corpus", "FOLDER", summary: "where the saved cases lie (where the run had them)"),
    ]
  ) { arguments, context in
    let nights = try Nights(arguments.operands, corpus: arguments.value("corpus"))
    for file in nights.unreadable { context.console.complain(file) }
    if arguments.has("github") {
      for line in Annotations.lines(nights.latest) { context.console.give(line) }
    } else {
      for line in Report.lines(
        nights.latest.record, listsCoverage: arguments.has("coverage"), width: context.console.textWidth)
      {
        context.console.say(line)
      }
    }
    func write(_ flag: String, _ text: () throws -> String) throws {
      guard let path = arguments.value(flag) else { return }
      try AtomicFile.write(Data(text().utf8), to: path)
      context.console.say("\(path) is written")
    }
    try write("html") {
      try Page(
        nights, guardMap: arguments.value("guard").map(GuardMap.init(contentsOf:)),
        map: arguments.value("map").map(MapSheet.init(contentsOf:)),
        power: arguments.value("power").map(PowerSheet.init(contentsOf:))
      ).text
    }
    try write("junit") { JUnit.text(nights.latest) }
    try write("sarif") { try SARIF.text(nights.latest) }
    if let folder = arguments.value("study") {
      let study = Study(nights.latest.record)
      try AtomicFile.makeFolder(folder)
      for (name, text) in [("study.md", study.table), ("study.svg", study.picture.text)] {
        try AtomicFile.write(Data(text.utf8), to: folder + "/" + name)
        context.console.say("\(folder)/\(name) is written")
      }
    }
    guard nights.unreadable.isEmpty else { return .badFile }
    return nights.latest.record.missing.isEmpty ? .nothing : .unhealthy
  }
}
