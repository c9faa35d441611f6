import Implementations
import Kernels
import Oracle

/// The layers as a table: one row for every solve, with beta at most 1 but for the column that says otherwise.
enum GuardTable {
  static func lines(_ cells: [GuardCell], on console: Console) -> [String] {
    var table = Table([
      "solve", "rows", "T=64", "T=256", "worst", "grade", "X alone", "back/u", "theory", "beta > 1",
    ])
    var safety: [String?] = []
    let byName = Dictionary(grouping: cells) { "\($0.method) \($0.subBlock)" }
    for solve in GuardSweep.solves {
      guard let all = byName["\(solve.method.rawValue) \(solve.subBlock)"] else { continue }
      let own = all.filter { $0.point.beta <= 1 }
      let wide = all.filter { !($0.point.beta <= 1) && $0.error != nil }
      let grade = own.compactMap(\.grade).max() ?? .agrees
      let corner = own.first { $0.point == GuardPoint() }
      table.add([
        .init(solve.method.text), .init("\(solve.subBlock)"),
        .init(error(own, at: GuardPoint(T: 64))), .init(error(own, at: GuardPoint())),
        .init(short(own.compactMap(\.error).max() ?? .nan)),
        .init(grade.rawValue, style(of: grade)),
        .init(short(own.map(\.solve.error).max() ?? .nan)),
        .init(short(own.map(\.solve.backwardError).max() ?? .nan)),
        .init(solve.method.isDoubling ? corner.map { short($0.solve.predicted) } ?? "" : ""),
        .init(
          wide.compactMap(\.error).max().map(short) ?? "",
          style(of: wide.compactMap(\.grade).max() ?? .agrees)),
      ])
      safety.append(grade == .agrees ? nil : GuardTable.safety(own))
    }
    let lines = table.lines(on: console)
    return [lines[0]]
      + zip(lines.dropFirst(), safety).flatMap { line, safety in
        [line] + (safety.map { ["    agrees on " + $0] } ?? [])
      }
  }

  /// What the table means.
  static let legend =
    "By rows of a sub-block: errors of y or the state at the corner; the worst of all places with beta at most 1, and its "
    + "grade; of X alone its worst error, and its backward error over the roundoff; the error that theory predicts at the "
    + "corner; the worst with beta above 1. Under it where along the axes it agrees, if not everywhere."

  private static func style(of grade: Grade) -> Console.Style? {
    grade == .agrees ? nil : grade == .degraded ? .yellow : .red
  }

  private static func error(_ cells: [GuardCell], at point: GuardPoint) -> String {
    cells.first { $0.point == point }?.error.map(short) ?? ""
  }

  /// Along each axis from the corner, the values at which the layer agrees.
  private static func safety(_ cells: [GuardCell]) -> String {
    func agreeing<Value: Hashable>(_ axis: WritableKeyPath<GuardPoint, Value>, _ values: [Value]) -> [Value] {
      values.filter { value in
        var point = GuardPoint()
        point[keyPath: axis] = value
        return cells.first { $0.point == point }?.grade == .agrees
      }
    }
    let keys = agreeing(\.keys, GuardPoint.geometries)
    let beta = agreeing(\.beta, GuardPoint.strengths).max()
    let g = agreeing(\.g, GuardPoint.decays).max()
    let parts = [
      keys.isEmpty ? nil : "keys " + keys.joined(separator: " "), beta.map { "beta <= \(short($0))" },
      g.map { "g <= \(short($0))" },
    ].compactMap(\.self)
    return parts.isEmpty ? "no place of the axes" : parts.joined(separator: ", or ")
  }
}

extension Solve.Method {
  /// Whether it sums terms of a Neumann series.
  var isDoubling: Bool { self == .doubling || self == .inverseByDoubling }
}
