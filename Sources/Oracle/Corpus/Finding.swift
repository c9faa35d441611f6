import Foundation
import Machine

/// One saved case: a recipe, whom it concerns, and what must become of it.
public struct Finding: Hashable, Sendable, Codable {
  /// The verdict a saved case must end with.
  public enum Expectation: String, Hashable, Sendable, Codable {
    case agrees
    case degraded
    case disagrees
    case failed
  }

  /// Whom it was found in, where that makes it nothing new.
  public enum Role: String, Hashable, Sendable, Codable {
    /// In an implementation that is known to fail, as it must.
    case control
  }

  /// The version of this file format.
  public var format = 1
  /// The case, one line of text.
  public var recipe: String
  /// Digest of the rendered tensors: a renderer that drifted is an error, never a different case.
  public var digest: String
  /// The name of the implementation it was found in.
  public var implementation: String
  /// The verdict a replay must end with.
  public var expectation: Expectation
  /// The kind of failure, as a verdict names it; absent where the case must pass.
  public var kind: String?
  /// The result that disagreed most.
  public var quantity: String?
  /// Error over bound when it was found.
  public var ratio: Double?
  /// Absent where it was found in one of the accused.
  public var role: Role?
  /// A sentence: what this case is here for.
  public var why: String

  /// A case as it was found, or as it must be.
  public init(
    recipe: String, digest: String, implementation: String, expectation: Expectation, kind: String? = nil,
    quantity: String? = nil, ratio: Double? = nil, why: String
  ) {
    (self.recipe, self.digest, self.implementation) = (recipe, digest, implementation)
    (self.expectation, self.kind, self.quantity, self.ratio) = (expectation, kind, quantity, ratio)
    self.why = why
  }

  /// Findings of one signature are taken for the same fault.
  public var signature: String { [implementation, kind ?? "", quantity ?? ""].joined(separator: " ") }

  /// The name of its file: the recipe with separators a file system takes, and the implementation.
  public var fileName: String {
    // A file may hold any text, so nothing but what recipes are made of may reach a file name.
    let stem = recipe.map { character -> Character in
      switch character {
      case "/": "+"
      case ":": "~"
      case _ where character.isASCII && (character.isLetter || character.isNumber): character
      case "-", "=", ".": character
      default: "_"
      }
    }
    let name = String(stem) + "@" + implementation
    // A path component has at most 255 bytes nearly everywhere.
    return (name.utf8.count <= 240 ? name : String(name.prefix(220)) + "-" + Checksum.of(name))
      + ".json"
  }
}

/// Why a corpus file cannot be read.
public enum UnreadableFinding: Error, Hashable, Sendable, CustomStringConvertible {
  case tooLarge(bytes: Int)
  case notText
  case notAFinding(String)
  case futureFormat(Int)
  case changed(recorded: String, found: String)
  case unreadable(String)

  /// One line for a person.
  public var description: String {
    switch self {
    case .tooLarge(let bytes): "is \(bytes) bytes, a finding has at most \(Finding.sizeLimit)"
    case .notText: "is not UTF-8 text"
    case .notAFinding(let reason): "is not a finding: \(reason)"
    case .futureFormat(let format): "has format \(format), this gdr reads format 1"
    case .changed(let recorded, let found):
      "was changed by hand or by accident: its checksum is \(found), it records \(recorded)"
    case .unreadable(let reason): "cannot be read: \(reason)"
    }
  }
}

extension Finding {
  /// Bytes a corpus file may have; they come from strangers.
  public static let sizeLimit = 1 << 16

  /// What stands in a file: the finding and the checksum of its own encoding.
  private struct File: Codable {
    var finding: Finding
    var checksum: String
  }

  /// The file's bytes; the same finding gives the same bytes.
  public func encoded() throws -> Data {
    try Finding.encoder.encode(File(finding: self, checksum: try checksum())) + Data("\n".utf8)
  }

  /// - Throws: `UnreadableFinding`, with one clear reason.
  public init(decoding data: Data) throws(UnreadableFinding) {
    guard data.count <= Finding.sizeLimit else { throw .tooLarge(bytes: data.count) }
    guard String(data: data, encoding: .utf8) != nil else { throw .notText }
    let file: File
    do {
      file = try JSONDecoder().decode(File.self, from: data)
    } catch {
      throw .notAFinding(Finding.sentence(for: error))
    }
    guard file.finding.format == 1 else { throw .futureFormat(file.finding.format) }
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
