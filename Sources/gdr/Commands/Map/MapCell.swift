import GatedDeltaRule
import Oracle

/// What an implementation comes to at one place.
package struct MapCell: Hashable, Sendable, Codable {
  /// Where.
  package let place: MapPlace
  /// The worst verdict of the cases there; refused, or absent, where not all were evaluated and none is wrong.
  package let grade: Grade?
  /// The relative error of y or the state in the Frobenius norm, the larger, or of what is past its bound; of the worst
  /// case.
  package let error: Double?
  /// Why there is no verdict, or no answer.
  package let reason: String?
  /// Whether an error of more than 1 % of some result would have passed as well.
  package let isUninformative: Bool

  /// Whether it was evaluated.
  package var isEvaluated: Bool { grade.map { $0 != .refused } ?? false }
  /// Whether every case agrees.
  package var agrees: Bool { grade == .agrees }
  /// Whether a case is wrong, or has no answer.
  package var isWrong: Bool { grade == .disagrees || grade == .failed }
}

extension MapCell {
  /// What one case shows.
  struct Sample {
    let grade: Grade?
    var error: Double?
    var reason: String?
    var isUninformative = false

    /// What is worse is larger: nothing is known of a place of which a case is not known, unless another is wrong there.
    fileprivate var rank: Int {
      switch grade {
      case .agrees: 0
      case .degraded: 1
      case .refused: 2
      case nil: 3
      case .disagrees: 4
      case .failed: 5
      }
    }
  }

  /// From its cases.
  init(_ place: MapPlace, _ samples: [Sample]) {
    let worst = samples.max { ($0.rank, $0.error ?? 0) < ($1.rank, $1.error ?? 0) }
    let errors = samples.compactMap(\.error)
    self.init(
      place: place, grade: worst?.grade,
      error: errors.contains(where: \.isNaN) ? .infinity : errors.max(), reason: worst?.reason,
      isUninformative: samples.contains(where: \.isUninformative))
  }
}

extension MapCell.Sample {
  /// Judged by the oracle.
  init(_ implementation: any Implementation, on check: CrossCheck) {
    let result = check.judge(implementation)
    guard !result.judgement.wasInterrupted else {
      self.init(grade: nil, reason: "the time was over")
      return
    }
    self.init(grade: result.grade)
    isUninformative = !result.judgement.uninformative.isEmpty
    switch result.judgement.verdict {
    case .refused(let reason), .failed(let reason): self.reason = reason
    case .memory(let seen, _): reason = seen.joined(separator: "; ")
    case .agrees: error = MapCell.Sample.error(of: result, implementation, check)
    case .degraded(let found), .disagrees(let found):
      let own = MapCell.Sample.error(of: result, implementation, check)
      error = found.normError <= own ? own : found.normError
    }
  }

  private static func error(
    of result: CaseResult, _ implementation: any Implementation, _ check: CrossCheck
  ) -> Double {
    let reference = check.reference(for: implementation.declaration(for: check.problem))
    let errors = [Quantity.y, .stateOut].map {
      RelativeError(of: result.evaluation?[$0], from: reference[$0]).frobenius
    }
    return errors[0] <= errors[1] ? errors[1] : errors[0]
  }
}
