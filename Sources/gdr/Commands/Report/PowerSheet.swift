import Foundation
import Oracle

/// The smallest faults that are found, as `gdr power --csv` wrote them.
struct PowerSheet {
  /// One number of the sheet, and where it belongs.
  private struct Row {
    let format, form, result, extent, over, fault: String

    /// The first six columns of a line; nil for a line of another kind.
    init?(_ line: Substring) {
      let cells = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      guard cells.count == PowerTable.head.count, cells[5].isEmpty || Double(cells[5]) != nil else {
        return nil
      }
      (format, form, result) = (cells[0], cells[1], cells[2])
      (extent, over, fault) = (cells[3], cells[4], cells[5])
    }
  }

  private let rows: [Row]

  /// - Throws: `BadFile`.
  init(contentsOf path: String) throws(BadFile) {
    let data = FileManager.default.contents(atPath: path) ?? Data()
    let lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
    let rows = lines.dropFirst().compactMap(Row.init)
    guard lines.first.map(String.init) == PowerTable.head.joined(separator: ","), !rows.isEmpty,
      rows.count == lines.count - 1
    else { throw BadFile(path: path, reason: "is no table as gdr power --csv writes it") }
    self.rows = rows
  }

  /// A table for each format and form: a row a result, a column an extent of the fault and what it is found over.
  var html: String {
    PowerSheet.unique(rows.map { [$0.format, $0.form] }).map { place in
      let own = rows.filter { [$0.format, $0.form] == place }
      let columns = PowerSheet.unique(own.map { [$0.over, $0.extent] })
      let results = PowerSheet.unique(own.map(\.result)).map { result -> [String] in
        [escaped(result)]
          + columns.map { column in
            let fault = own.first { $0.result == result && [$0.over, $0.extent] == column }?.fault ?? ""
            return fault.isEmpty ? "<span class=\"muted\">-</span>" : escaped(fault)
          }
      }
      return Page.details(
        place.joined(separator: ", "), Page.table([""] + columns.map { "\($0[0]), \($0[1])" }, results))
    }.joined(separator: "\n")
  }

  private static func unique<Value: Hashable>(_ values: [Value]) -> [Value] {
    var seen: Set<Value> = []
    return values.filter { seen.insert($0).inserted }
  }
}
