import Foundation
import GatedDeltaRule
import Machine
import Oracle

/// Where an implementation is accurate, as `map.json` keeps it.
package struct MapSheet: Sendable, Codable {
  /// Of this form of the file.
  package var version = 1
  /// Which program measured it, how, when and where; absent in files of programs that did not write it.
  package var provenance: Provenance?
  /// Its name, and for a worker what a shell is given to start it.
  package let implementation: String
  package let command: String?
  /// What it is judged by in place of what it declares, as `--as` took it.
  package let law: String?
  /// Level, heads, channels and format of all cases, their contract, the first seed and the cases of a place.
  package let level: String
  /// Whether there is a decay for every key channel; absent where there is not.
  package var hasChannels: Bool?
  package let sizes: String, contract: String
  package let seed: UInt64
  package let cases: Int
  /// From where every axis starts.
  package let corner: MapPlace
  /// One thing at a time.
  package let lines: [MapLine]
  /// Two at a time, at the corner's others.
  package let planes: [MapPlane]

  /// Every place, those of several lines once.
  var cells: [MapCell] {
    var seen: Set<MapPlace> = []
    return (lines.flatMap(\.cells) + planes.flatMap { $0.cells.flatMap(\.self) })
      .filter { seen.insert($0.place).inserted }
  }
}

/// Two things at a time.
package struct MapPlane: Hashable, Sendable, Codable {
  /// What goes down and what goes to the right, with their values.
  package let rows: String, columns: String
  package let rowValues: [Double], columnValues: [Double]
  /// Row by row.
  package let cells: [[MapCell]]
}

extension MapSheet {
  /// - Throws: `BadFile`.
  package init(contentsOf path: String) throws(BadFile) {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "NaN")
    let path = Folder.isFolder(path) ? "\(path)/map.json" : path
    guard let data = FileManager.default.contents(atPath: path),
      let sheet = try? decoder.decode(MapSheet.self, from: data), sheet.version == 1, sheet.isWhole
    else { throw BadFile(path: path, reason: "is no map.json as gdr map --to writes it") }
    self = sheet
  }

  /// Whether every line and plane is one that there can be.
  private var isWhole: Bool {
    lines.allSatisfy { MapAxis(rawValue: $0.axis) != nil }
      && planes.allSatisfy { plane in
        MapAxis(rawValue: plane.rows) != nil && MapAxis(rawValue: plane.columns) != nil
          && plane.cells.count == plane.rowValues.count
          && plane.cells.allSatisfy { $0.count == plane.columnValues.count }
      }
      && cells.allSatisfy { $0.place.T >= 0 && $0.place.T <= 1 << 30 }
  }

  /// The file's bytes.
  func encoded() throws -> Data { try JSONEncoder.ofNumbers(.prettyPrinted).encode(self) }
}

extension MapSheet {
  /// What is judged on, in a line.
  var subject: String {
    let by = law.map { "--as \($0)" } ?? "what it declares"
    let level =
      (hasChannels == true ? ", a decay per channel" : "") + (level == "core" ? "" : ", \(level) level")
    return "\(implementation) on \(sizes)\(level), judged by \(by)"
  }

  /// From where the axes start, in a line.
  var start: String {
    "From equal keys, beta 0.999, no decay and T = \(corner.T), one thing changed at a time:"
  }

  /// What a 16-bit deployment does not notice. Verdicts measure by the terms that cancel, which may be larger than y.
  private static let deployment = 0x1p-8

  /// What qualifies the verdicts, in lines.
  var notes: [String] {
    let cells = cells
    let agreeing = cells.filter(\.agrees)
    let vague = agreeing.count(where: \.isUninformative)
    let degraded = cells.filter { $0.grade == .degraded }
    let large = degraded.count { !($0.error ?? .infinity <= MapSheet.deployment) }
    let reasons = Dictionary(grouping: cells.filter { !$0.isEvaluated }, by: { $0.reason ?? "no reason" })
      .map { ($0.value.count, $0.key) }.sorted { ($1.0, $0.1) < ($0.0, $1.1) }
    let failures = cells.first { $0.grade == .failed }
    return [
      vague > 0
        ? "\(vague) of \(agreeing.count) places that agree: an error of 1 % would pass there as well"
        : nil,
      large > 0
        ? "\(large) of \(degraded.count) places that are degraded err by more than 2^-8: see the numbers"
        : nil,
    ].compactMap(\.self)
      + reasons.prefix(3).map { "not evaluated, \(counted($0.0, "place")): \($0.1)" }
      + (failures.map { ["no answer, for example at T = \($0.place.T): \($0.reason ?? "")"] } ?? [])
  }
}
