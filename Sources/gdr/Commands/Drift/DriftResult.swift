import Foundation
import Oracle

/// What became of one implementation in one setting, in calls of one length.
struct DriftResult: Sendable, Codable {
  let implementation: String
  /// As `DriftSetting` writes it.
  let decay: String
  /// That of the first tokens; the next ones have the next seeds.
  let recipe: String
  let course: DriftCourse

  /// What is said of it, if it is not within what is declared.
  var finding: String? {
    if let point = course.firstAboveBound {
      return "above the bound after \(grouped(point.tokens)): "
        + "\(short(point.error)) for \(short(point.bound))" + worst
    }
    switch course.end {
    case .failed(let reason): return "failed: \(reason)"
    case .refused(let reason): return "refused: \(reason)"
    case .complete, .outOfTime: break
    }
    guard let point = course.worstBesideTwins, let times = point.timesTwin else { return nil }
    return "worse than declared: \(short(times)) times the twins' error after \(grouped(point.tokens)) tokens"
  }

  /// Where it is farthest above the bound, if that is elsewhere.
  private var worst: String {
    guard let point = course.farthestAboveBound, point != course.firstAboveBound else { return "" }
    return "; \(short(point.error / point.bound)) times it after \(grouped(point.tokens))"
  }

  /// Whether it is a finding, and not a note.
  var isFailure: Bool {
    if case .failed = course.end { return true }
    return course.firstAboveBound != nil
  }

  /// Whether anything is known of it.
  var isEvaluated: Bool { !course.points.isEmpty }

  /// Why it does not reach the last token.
  var shortfall: String? {
    guard case .outOfTime(let tokens) = course.end else { return nil }
    return "its time was over after \(grouped(tokens)) tokens"
  }
}

/// What `drift.json` holds.
struct DriftFile: Codable {
  /// Absent in files of programs that did not write it.
  var provenance: Provenance?
  let tokens: Int
  let results: [DriftResult]

  func encoded() throws -> Data {
    try JSONEncoder.ofNumbers(.prettyPrinted).encode(self)
  }
}
