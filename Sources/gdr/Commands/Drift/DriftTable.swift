import Oracle

/// The drift as a table: one row for every implementation and length of a call, in 80 columns.
enum DriftTable {
  /// Those of one setting.
  static func lines(_ results: [DriftResult], _ setting: DriftSetting, tokens: Int, on console: Console)
    -> [String]
  {
    let columns = DriftTable.columns(tokens)
    var table = Table([setting.title, "call"] + columns.map(grouped) + ["bound", "twins"])
    for result in results {
      let points = result.course.points
      table.add(
        [.init(result.implementation), .init("\(result.course.call)")]
          + columns.map { tokens in
            guard let point = points.first(where: { $0.tokens == tokens }) else { return .init("") }
            return .init(short(point.error), style(of: point))
          } + [
            .init(points.last.map { bound($0.bound) } ?? ""),
            .init(points.last?.twin.map(short) ?? ""),
          ])
    }
    let lines = table.lines(on: console)
    return [lines[0]]
      + zip(lines.dropFirst(), results).flatMap { line, result in
        [line] + [result.shortfall, result.finding].compactMap(\.self).map { "  \($0)" }
      }
  }

  private static func style(of point: DriftPoint) -> Console.Style? {
    point.isWithinBound ? point.isWorseThanDeclared ? .yellow : nil : .red
  }

  /// More than all of the state is nothing that a bound could say.
  private static func bound(_ bound: Double) -> String { bound <= 1 ? short(bound) : "> 1" }

  /// The numbers of tokens that are shown.
  private static func columns(_ tokens: Int) -> [Int] { [512, 8192].filter { $0 < tokens } + [tokens] }

  /// What the table means.
  static let legend = [
    "Error of the state after so many tokens, in calls of so many: ||S - S_ref|| /",
    "||S_ref||, Frobenius. Bound and twins, honest evaluations with their roundings",
    "placed at random, at the last point. Keys at random, beta 0.001, S_0 = 0;",
    "softplus(x) is that of the gate's input, with a rate exp(A_log) of 16.",
  ]
}
