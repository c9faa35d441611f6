import Foundation

/// What was timed, for a person.
enum BenchTable {
  /// One case: every implementation, compared with the fastest.
  static func lines(
    _ one: BenchCase, _ results: [BenchResult], peak: Double, _ console: Console
  ) -> [String] {
    var table = Table(["", "median", "fastest", "slower by", "peak MB", "GFLOP", "GFLOP/s", "of the peak"])
    for result in results.sorted(by: { $0.median < $1.median }) {
      table.add(cells(of: result, peak: peak).map { Table.Cell($0) })
    }
    return ["", console.styled(one.title, .bold)] + table.lines(on: console).map { "  " + $0 }
  }

  private static func cells(of result: BenchResult, peak: Double) -> [String] {
    func digits(_ format: String, _ value: Double?) -> String {
      value.map { String(format: format, $0) } ?? "-"
    }
    let rate: Double? = result.operations.map { $0 / result.median }
    let megabytes: Double? = result.peakBytes.map { Double($0) / 1e6 }
    let operations: Double? = result.operations.map { $0 / 1e9 }
    let share: Double? = rate.map { 100 * $0 / peak }
    return [
      result.implementation, milliseconds(result.median), milliseconds(result.seconds.min() ?? .nan),
      ratio(result.ratio), digits("%.1f", megabytes), digits("%.1f", operations),
      rate.map(gigaflops) ?? "-", digits("%.0f%%", share),
    ]
  }

  /// The exponent of the cost in T, of every implementation with three lengths or more.
  static func growth(_ series: [BenchSeries]) -> [String] {
    guard Set(series.map(\.T)).count >= 3 else { return [] }
    let names = series.first?.results.map(\.implementation) ?? []
    let exponents = names.compactMap { name -> String? in
      let points = series.compactMap { one in
        one.results.first { $0.implementation == name }.map { (log(Double(one.T)), log($0.median)) }
      }
      guard points.count >= 3 else { return nil }
      return "\(name) T^\(String(format: "%.2f", slope(points)))"
    }
    return ["", "cost grows as " + exponents.joined(separator: ", ")]
  }

  /// Least squares.
  private static func slope(_ points: [(x: Double, y: Double)]) -> Double {
    let n = Double(points.count)
    let (x, y) = (points.map(\.x).reduce(0, +) / n, points.map(\.y).reduce(0, +) / n)
    let above = points.map { ($0.x - x) * ($0.y - y) }.reduce(0, +)
    return above / points.map { ($0.x - x) * ($0.x - x) }.reduce(0, +)
  }

  /// `1.32 (1.28-1.40)`: the median over the rounds of what it took over the fastest of the same round, and between which
  /// values that is known to lie.
  private static func ratio(_ spread: Spread) -> String {
    spread.low == spread.high
      ? String(format: "%.2f", spread.median)
      : String(format: "%.2f (%.2f-%.2f)", spread.median, spread.low, spread.high)
  }

  /// What went through a pipe: what the pipe itself took, what was claimed, and what speaks against the claim.
  static func claims(_ one: BenchCase, _ results: [BenchResult]) -> [String] {
    results.flatMap { result -> [String] in
      guard let echo = result.echo.map(Spread.init) else { return [] }
      let pipe =
        "\(result.implementation): the pipe takes \(milliseconds(echo.median)) (\(milliseconds(echo.low)) to \(milliseconds(echo.high))), which is not counted"
      guard let claims = result.claims else { return ["  " + pipe] }
      let doubts = TimeClaim(result, one).doubts
      return ["  " + pipe + "; it claims \(milliseconds(claims.median))"]
        + doubts.map { "  \(result.implementation) \($0)" }
    }
  }
}
