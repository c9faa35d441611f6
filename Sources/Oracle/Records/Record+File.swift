import Foundation
import Generator
import Machine

/// Why a file is no record.
package struct UnreadableRecord: Error, Hashable, Sendable, CustomStringConvertible {
  /// One clause.
  package let description: String

  init(_ description: String) { self.description = description }
}

extension Record {
  /// Cases that a run may have: a thousand a second for thirty years.
  package static let mostCases = 1 << 40

  /// Bytes that a record may have: a part takes about a hundred thousand.
  package static let sizeLimit = 1 << 28

  /// What stands in a file. `total` is there for other programs to read; here it is computed again.
  private struct File: Encodable {
    let format: Int
    let checksum: String
    let plan: Plan
    let parts: [Part]
    let total: Total
  }

  private struct Head: Decodable { let format: Int }

  /// What a record is made from again.
  private struct Body: Decodable {
    let plan: Plan
    let parts: [Part]
  }

  /// What is written; 1 had neither a checksum nor families, commands and builds, 2 did not say what moved, 3 had no
  /// evidence.
  private static let format = 4

  /// The file's bytes; the same record gives the same bytes.
  package func encoded() throws -> Data {
    let file = File(
      format: Record.format, checksum: Record.noChecksum, plan: plan, parts: parts, total: total)
    var data = try Record.encoder.encode(file) + Data("\n".utf8)
    data.replaceSubrange(Record.checksumPlace, with: Data(Checksum.of(data).utf8))
    return data
  }

  /// Where the checksum stands: its key is the first in the order of the alphabet.
  private static let checksumPlace = 13..<29
  /// What stands there while the checksum is formed.
  private static let noChecksum = String(repeating: "0", count: 16)

  /// Whether every byte is as it was written.
  private static func isAsWritten(_ data: Data) -> Bool {
    guard data.count > checksumPlace.upperBound else { return false }
    var blank = Data(data)
    let found = blank.subdata(in: checksumPlace)
    blank.replaceSubrange(checksumPlace, with: Data(noChecksum.utf8))
    return found == Data(Checksum.of(blank).utf8)
  }

  /// - Throws: `UnreadableRecord`, with one clear reason.
  package init(decoding data: Data) throws(UnreadableRecord) {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "NaN")
    let body: Body
    do {
      let head = try decoder.decode(Head.self, from: data)
      guard (1...Record.format).contains(head.format) else {
        throw UnreadableRecord("has format \(head.format), this gdr reads formats up to \(Record.format)")
      }
      body = try decoder.decode(Body.self, from: data)
      guard head.format == 1 || Record.isAsWritten(data) else {
        throw UnreadableRecord("was changed since it was written: its checksum is not that of its contents")
      }
    } catch let error as UnreadableRecord {
      throw error
    } catch {
      throw UnreadableRecord("is no record of a run: \(Finding.sentence(for: error))")
    }
    try Record.check(body.plan, body.parts)
    self.init(plan: body.plan, parts: body.parts)
  }

  /// What a program that was not this one may have written.
  private static func check(_ plan: Plan, _ parts: [Part]) throws(UnreadableRecord) {
    let names = plan.implementations.map(\.name)
    let shards = parts.map(\.shard)
    guard (1...1_000_000).contains(plan.shards), Profile.Size(rawValue: plan.size) != nil,
      Set(names).count == names.count, plan.cases?.isCount ?? true, plan.reducedPerSignature.isCount
    else { throw UnreadableRecord("is no record of a run: its plan is none") }
    guard !parts.isEmpty, shards == Set(shards).sorted(),
      shards.allSatisfy({ (1...plan.shards).contains($0) }),
      parts.allSatisfy({ $0.ledger.isSound(names: names) && $0.clock.isSound })
    else { throw UnreadableRecord("is no record of a run: its parts contradict its plan") }
    guard Record.areTogetherOneRun(parts) else {
      throw UnreadableRecord("is no record of a run: its parts have more than \(Record.mostCases) cases")
    }
  }

  /// Whether parts have no more cases together than a run may have: no sum over them is a number too large.
  static func areTogetherOneRun(_ parts: [Part]) -> Bool {
    parts.reduce(0) { $0 + $1.ledger.cases } <= mostCases
  }

  /// Reads a file.
  ///
  /// - Throws: `UnreadableRecord`.
  package init(contentsOf path: String) throws(UnreadableRecord) {
    let data: Data
    do throws(FileFailure) {
      data = try RegularFile.contents(of: path, limit: Record.sizeLimit)
    } catch {
      throw UnreadableRecord(error.reason)
    }
    try self.init(decoding: data)
  }

  static var encoder: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "NaN")
    return encoder
  }
}

extension Record.Clock {
  /// Whether it can be a time: what is shown of it is turned into dates and whole seconds.
  var isSound: Bool { (0...1e11).contains(started) && (0...1e10).contains(elapsed) && starts.isCount }
}
