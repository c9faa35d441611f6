import Foundation

/// What was timed, for a person.
enum BenchTable {
  /// One case: every implementation, compared with the fastest.
  static func lines(
    _ one: BenchCase, _ results: [BenchResult], peak: Double, _ console: Console
  ) -> [String] {
    var table = Table(["", "median", "fastest", "slower by", "peak MB", "GFLOP", "GFLOP/s", "of the peak"])
    let best = results.map(\.median).min() ?? 0
    for result in results.sorted(by: { $0.median < $1.median }) {
      table.add(cells(of: result, best: best, peak: peak).map { Table.Cell($0) })
    }
    return ["", console.styled(one.title, .bold)] + table.lines(on: console).map { "  " + $0 }
  }

  private static func cells(of result: BenchResult, best: Double, peak: Double) -> [String] {
    func digits(_ format: String, _ value: Double?) -> String {
      value.map { String(format: format, $0) } ?? "-"
    }
    let rate: Double? = result.operations.map { $0 / result.median }
    let megabytes: Double? = result.peakBytes.map { Double($0) / 1e6 }
    let operations: Double? = result.operations.map { $0 / 1e9 }
    let share: Double? = rate.map { 100 * $0 / peak }
    return [
      result.implementation, time(result.median), time(result.seconds.min() ?? .nan),
      digits("%.2f", result.median / best), digits("%.1f", megabytes), digits("%.1f", operations),
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

  private static func time(_ seconds: Double) -> String {
    String(format: seconds < 1 ? "%.1f ms" : "%.2f s", seconds < 1 ? seconds * 1e3 : seconds)
  }
}
