/// What drawing a test oftener, or more rarely, does to the processor time until every mutant is caught once.
///
/// A test that is drawn in a part s of the cases costs s of its time in each, and sees what it sees in s of them. What is
/// seen of a case is known for every test by itself, so that the time for any shares follows without another run.
struct ShareTable {
  let sights: [Sight]

  private static let drawn = Sight.tests.map { 1 / Double($0.share) }

  /// Processor seconds, summed over the mutants that anything sees.
  private func sum(_ shares: [Double]) -> Double {
    sights.reduce(0) { $0 + ($1.secondsUntilCaught(drawing: shares) ?? 0) }
  }

  /// Of one case, the mean over the mutants.
  private func seconds(_ shares: [Double]) -> Double {
    sights.reduce(0) { $0 + $1.seconds(drawing: shares) } / Double(max(1, sights.count))
  }

  func lines(on console: Console) -> [String] {
    let (now, ofCase) = (sum(ShareTable.drawn), seconds(ShareTable.drawn))
    var table = Table(["drawn", "in one of", "of a case", "half as often", "twice as often"])
    for (place, test) in Sight.tests.enumerated() {
      func changing(by factor: Double) -> String {
        var shares = ShareTable.drawn
        shares[place] = min(1, shares[place] * factor)
        return percent(sum(shares) / now - 1)
      }
      var without = ShareTable.drawn
      without[place] = 0
      table.add([
        .init(test.name), .init("\(test.share)"), .init(percent(1 - seconds(without) / ofCase)),
        .init(changing(by: 0.5)), .init(test.share == 1 ? "" : changing(by: 2)),
      ])
    }
    return table.lines(on: console) + [
      "",
      "until each is caught once: \(short(now)) s of processor time, \(short(ofCase * 1e3)) ms a case; the last two columns "
        + "say by how much that sum changes",
    ]
  }

  private func percent(_ share: Double) -> String { "\(short(share * 100)) %" }
}
