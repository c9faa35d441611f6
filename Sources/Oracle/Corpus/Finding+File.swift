import Foundation
import Machine

extension Finding {
  /// Bytes a corpus file may have; they come from strangers.
  package static let sizeLimit = 1 << 16

  /// What stands in a file: the finding and the checksum of its own encoding.
  private struct File: Codable {
    var finding: Finding
    var checksum: String
  }

  /// The file's bytes; the same finding gives the same bytes.
  package func encoded() throws -> Data {
    try Finding.encoder.encode(File(finding: self, checksum: try checksum())) + Data("\n".utf8)
  }

  /// The same in no more bytes than are read back: where the sentence or the command of a worker is too long for that,
  /// the beginning of the one and without the other.
  ///
  /// - Throws: `UnreadableFinding.tooLarge` where that does not suffice.
  func fitting() throws -> Finding {
    guard try encoded().count > Finding.sizeLimit else { return self }
    var shorter = self
    (shorter.why, shorter.command) = (String(why.prefix(1000)), nil)
    let bytes = try shorter.encoded().count
    guard bytes <= Finding.sizeLimit else { throw UnreadableFinding.tooLarge(bytes: bytes) }
    return shorter
  }

  /// - Throws: `UnreadableFinding`, with one clear reason.
  package init(decoding data: Data) throws(UnreadableFinding) {
    guard data.count <= Finding.sizeLimit else { throw .tooLarge(bytes: data.count) }
    guard String(data: data, encoding: .utf8) != nil else { throw .notText }
    let file: File
    do {
      file = try JSONDecoder().decode(File.self, from: data)
    } catch {
      throw .notAFinding(Finding.sentence(for: error))
    }
    let format = file.finding.format
    guard (1...4).contains(format) else { throw .futureFormat(format) }
    guard format == file.finding.neededFormat else {
      throw .notAFinding(
        "evidence stands in format 4, a law in 3 or 4, a command without them in format 2, and only there")
    }
    guard file.finding.evidence.map({ (1...Finding.Evidence.mostCases).contains($0.cases) }) ?? true else {
      throw .notAFinding("\"finding.evidence.cases\" has a value it cannot have")
    }
    guard file.finding.expectation != .refused else {
      throw .notAFinding("\"finding.expectation\" has a value it cannot have")
    }
    let found = (try? file.finding.checksum()) ?? "none"
    guard found == file.checksum else { throw .changed(recorded: file.checksum, found: found) }
    // The encoding is canonical, so any byte that differs was changed, even one that decodes to the same value.
    guard (try? file.finding.encoded()) == data else {
      throw .changed(recorded: file.checksum, found: "other bytes")
    }
    self = file.finding
  }

  private static var encoder: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .throw
    return encoder
  }

  private func checksum() throws -> String { Checksum.of(try Finding.encoder.encode(self)) }

  /// A clause for a file that is not what it should be.
  static func sentence(for error: any Error) -> String {
    switch error as? DecodingError {
    case .keyNotFound(let key, _): "it has no \"\(key.stringValue)\""
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      "\"\(context.codingPath.map(\.stringValue).joined(separator: "."))\" has the wrong type"
    case .dataCorrupted(let context) where !context.codingPath.isEmpty:
      "\"\(context.codingPath.map(\.stringValue).joined(separator: "."))\" has a value it cannot have"
    default: "it is not JSON"
    }
  }
}
