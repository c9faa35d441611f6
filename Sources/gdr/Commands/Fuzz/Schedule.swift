import Foundation
import Oracle

/// How a run is spent where nobody watches it: the saved cases first, a finding counts only when fresh processes show
/// it again, and superfluous findings are removed at the end. Nothing is committed.
package enum Schedule: String, Sendable, CaseIterable {
  /// The same cases every time, in minutes.
  case ci
  /// Other cases every night, in hours, with a state to go on from.
  case nightly

  /// How long, unless it is said otherwise.
  var duration: Duration { self == .ci ? .seconds(180) : .seconds(8 * 3600) }

  /// From which the cases are drawn, unless it is said otherwise: of a night, its date in Greenwich as a number, so
  /// that all shards of one night draw the same run.
  package func seed(on date: Date) -> UInt64 {
    guard self == .nightly else { return 1 }
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    let day = calendar.dateComponents([.year, .month, .day], from: date)
    // A clock before year 0 is no reason to stop.
    return UInt64(max(0, (day.year ?? 0) * 10_000 + (day.month ?? 0) * 100 + (day.day ?? 0)))
  }

  /// The words of a command line.
  static func named(_ text: String?) throws(UsageError) -> Schedule? {
    guard let text else { return nil }
    guard let schedule = Schedule(rawValue: text) else {
      throw .notAChoice(flag: "profile", text: text, choices: allCases.map(\.rawValue))
    }
    return schedule
  }
}
