import Foundation
import Machine
import Oracle

/// What a sweep of the guard found, as it is kept in a file.
struct GuardMap: Codable {
  /// What is known of the solves, measured again.
  let facts: [GuardFact]
  /// Every solve on every place.
  let cells: [GuardCell]

  /// The bare solves in every way; absent in files from before they were run.
  let inversions: InversionMap?

  /// Which program measured it, and where; absent in files of programs that did not write it.
  let provenance: Provenance?

  /// From its parts.
  init(facts: [GuardFact], cells: [GuardCell], inversions: InversionMap?, provenance: Provenance?) {
    (self.facts, self.cells, self.inversions) = (facts, cells, inversions)
    self.provenance = provenance
  }

  /// - Throws: `BadFile`.
  init(contentsOf path: String) throws(BadFile) {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "NaN")
    let path = Folder.isFolder(path) ? "\(path)/guard.json" : path
    guard let data = FileManager.default.contents(atPath: path),
      let map = try? decoder.decode(GuardMap.self, from: data)
    else { throw BadFile(path: path, reason: "is no guard.json as gdr guard --to writes it") }
    self = map
  }

  /// The file's bytes.
  func encoded() throws -> Data {
    try JSONEncoder.ofNumbers().encode(self)
  }
}
