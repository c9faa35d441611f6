import Foundation

/// What a run has to say, in the Static Analysis Results Interchange Format, version 2.1.0 (OASIS).
enum SARIF {
  private struct Log: Encodable {
    let schema = "https://json.schemastore.org/sarif-2.1.0.json"
    let version = "2.1.0"
    let runs: [Run]

    enum CodingKeys: String, CodingKey {
      case schema = "$schema"
      case version, runs
    }
  }

  private struct Run: Encodable {
    let tool: Tool
    let results: [Result]
  }

  private struct Tool: Encodable {
    struct Driver: Encodable {
      let name = "gdr"
      let version: String
      let rules: [Rule]
    }

    let driver: Driver
  }

  private struct Rule: Encodable {
    let id: String
    let shortDescription: Message
  }

  private struct Message: Encodable { let text: String }

  private struct Result: Encodable {
    let ruleId: String
    let ruleIndex: Int
    let level: String
    let message: Message
    let locations: [Location]
    let partialFingerprints: [String: String]
  }

  private struct Location: Encodable {
    struct Physical: Encodable {
      struct Artifact: Encodable { let uri: String }
      struct Region: Encodable { let startLine = 1 }

      let artifactLocation: Artifact
      let region = Region()
    }

    let physicalLocation: Physical
  }

  static func text(_ night: Nights.Night) throws -> String {
    let notices = Notice.all(night)
    let ids = Set(notices.map(\.rule)).sorted()
    let index = Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1, $0) })
    let driver = Tool.Driver(
      version: version,
      rules: ids.map { Rule(id: $0, shortDescription: Message(text: sentence(for: $0))) })
    let results = notices.map { notice in
      Result(
        ruleId: notice.rule, ruleIndex: index[notice.rule] ?? 0, level: notice.isError ? "error" : "warning",
        message: Message(text: notice.title + "\n" + notice.text),
        locations: [location(notice, night.folder())],
        partialFingerprints: ["signature/v1": notice.fingerprint])
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let data = try encoder.encode(Log(runs: [Run(tool: Tool(driver: driver), results: results)]))
    return String(decoding: data, as: UTF8.self) + "\n"
  }

  /// What no file is about is about the corpus.
  private static func location(_ notice: Notice, _ corpus: String) -> Location {
    let uri = (notice.file ?? corpus).addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? corpus
    return Location(physicalLocation: .init(artifactLocation: .init(uri: uri)))
  }

  private static func sentence(for rule: String) -> String {
    switch rule {
    case "wrong formula":
      "The error does not shrink with the roundoff: another formula, or a hidden down-cast."
    case "unstable": "Rounding is amplified past what a 16-bit deployment tolerates."
    case "low precision": "An error in fp32 alone, where nothing amplifies rounding."
    case "not finite": "Inf or NaN where the rule is finite."
    case "unknown": "Past its bound, with no run in fp64 to say why."
    case "systematic error": "Within its bound, but no error that rounding makes."
    case "failed": "It threw, crashed, hung, or answered something that is no answer."
    case "memory":
      "It used memory against the rules: past a tensor, an input that changed, a result left unwritten."
    case "saved case changed", "saved case unreadable": "A saved case did not end as it is recorded."
    case "health check": "The run could not see errors, or reports what is none."
    case "shards missing": "Only a part of the run is there."
    case "nothing evaluated": "Every implementation under test refused every case."
    case "control not caught": "What is known to fail was not seen to fail."
    default: "The theorem '\(rule)' about the gated delta rule does not hold."
    }
  }
}
