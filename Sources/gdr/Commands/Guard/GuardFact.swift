import Implementations
import Kernels

/// One thing that is known of the solves, measured again.
package struct GuardFact: Hashable, Sendable, Codable {
  /// What is claimed.
  package var claim: String
  /// What was measured.
  package var measured: String
  /// Whether it still holds.
  package var holds: Bool
  /// Where it does not: what changed, and why that matters.
  package var cause: String?
}

extension GuardFact {
  /// What the default was when the facts were recorded.
  static let recordedSubBlock = 16
  /// The largest error of y or state that doubling in sub-blocks of 16 was ever recorded with at the corner.
  static let recordedError = 5e-3
  /// A theorem bounds the backward error of substitution by so many u: two for every term of a row.
  static func substitutionBound(_ point: GuardPoint) -> Double { 2 * Double(point.chunk) }

  /// Every guarded fact, from the cells of a sweep.
  package static func judge(_ cells: [GuardCell], default solve: Solve) -> [GuardFact] {
    let recorded = Solve(.doubling, subBlock: recordedSubBlock)
    return [
      defaultIsSafe(cells, solve), substitutionAgrees(cells), substitutionIsBackwardStable(cells),
      keepsItsGrade(cells, recorded), doesNotGrow(cells, recorded), stillFails(cells),
    ]
  }

  /// Errors at equal keys, beta 0.999, no decay, chunks of 64, by T.
  private static func corner(_ cells: [GuardCell], _ solve: Solve) -> [(T: Int, cell: GuardCell)] {
    cells.filter { $0.isOf(solve) && $0.point == GuardPoint(T: $0.point.T) && $0.error != nil }
      .map { ($0.point.T, $0) }.sorted { $0.0 < $1.0 }
  }

  /// The largest of them; infinite if there is none, or one that is no number.
  private static func largest(_ values: [Double]) -> Double {
    values.contains(where: \.isNaN) ? .infinity : values.max() ?? .infinity
  }

  /// The solve that is built in is no worse than the one that was recorded.
  private static func defaultIsSafe(_ cells: [GuardCell], _ solve: Solve) -> GuardFact {
    let claim = "the solve of 'chunked' errs by at most \(short(recordedError)) at the corner"
    let corner = corner(cells, solve)
    let worst = largest(corner.compactMap(\.cell.error))
    let holds = worst <= recordedError
    return GuardFact(
      claim: claim, measured: "\(solve.text): \(short(worst))", holds: holds,
      cause: holds ? nil : cause(of: solve, worst, corner.first?.cell.solve))
  }

  private static func cause(of solve: Solve, _ error: Double, _ measure: SolveMeasure?) -> String {
    let change =
      solve == Solve(.doubling, subBlock: recordedSubBlock)
      ? "the solve of 'chunked' is \(solve.text) as recorded, and still it errs by \(short(error))"
      : "the solve of 'chunked' is now \(solve.text); recorded is doubling in sub-blocks of \(recordedSubBlock)"
    guard let measure else { return change }
    return change
      + ". At equal keys and beta near 1 the terms of doubling grow with the sub-block and cancel to order 1: the "
      + "worst step alone rounds off u max(|P||x|) = \(short(measure.predicted)) of the solution, measured "
      + "\(short(measure.error)), and the layer errs by \(short(error)). Sub-blocks of at most "
      + "\(recordedSubBlock), or substitution, are safe"
  }

  private static func substitutionAgrees(_ cells: [GuardCell]) -> GuardFact {
    let layers = cells.filter { $0.method == Solve.Method.substitution.rawValue && $0.grade != nil }
    let broken = layers.filter { $0.grade != .agrees }
    return GuardFact(
      claim: "forward substitution agrees everywhere",
      measured: "\(layers.count - broken.count) of \(layers.count) layers",
      holds: !layers.isEmpty && broken.isEmpty,
      cause: broken.first.map {
        "sub-block \($0.subBlock) is \($0.grade?.rawValue ?? "") at \($0.point.recipe)"
      })
  }

  private static func substitutionIsBackwardStable(_ cells: [GuardCell]) -> GuardFact {
    let solves = cells.filter { $0.method == Solve.Method.substitution.rawValue }
    let broken = solves.first { !($0.solve.backwardError <= substitutionBound($0.point)) }
    let worst = largest(solves.map(\.solve.backwardError))
    return GuardFact(
      claim: "substitution's backward error is at most 2 C u", measured: "\(short(worst)) u",
      holds: !solves.isEmpty && broken == nil,
      cause: broken.map {
        "sub-block \($0.subBlock): \(short($0.solve.backwardError)) u at \($0.point.recipe)"
      })
  }

  private static func keepsItsGrade(_ cells: [GuardCell], _ solve: Solve) -> GuardFact {
    // Write strengths beyond 1 are outside of what a sigmoid gives, and of what was recorded.
    let layers = cells.filter { $0.isOf(solve) && $0.grade != nil && $0.point.beta <= 1 }
    let broken = layers.first {
      ($0.grade ?? .disagrees) > .degraded || !(($0.error ?? .infinity) <= recordedError)
    }
    let worst = largest(layers.compactMap(\.error))
    return GuardFact(
      claim: "\(solve.text) is degraded at worst with beta up to 1, by at most \(short(recordedError))",
      measured: "\(layers.map { $0.grade ?? .disagrees }.max()?.rawValue ?? "nothing"), \(short(worst))",
      holds: !layers.isEmpty && broken == nil,
      cause: broken.map {
        "\($0.grade?.rawValue ?? ""), \(short($0.error ?? .infinity)) at \($0.point.recipe)"
      })
  }

  private static func doesNotGrow(_ cells: [GuardCell], _ solve: Solve) -> GuardFact {
    let corner = corner(cells, solve)
    let first = corner.first { $0.T == 64 }?.cell.error ?? 0
    let growth = largest(corner.filter { $0.T >= 256 }.map { ($0.cell.error ?? .infinity) / first })
    return GuardFact(
      claim: "its error grows at most 4 times from T = 64 on", measured: "\(short(growth)) times",
      holds: growth <= 4,
      cause: growth <= 4 ? nil : "a chunk passes on more error than it received: the transition expands")
  }

  private static func stillFails(_ cells: [GuardCell]) -> GuardFact {
    let corner = corner(cells, Solve(.doubling, subBlock: 32))
    func error(_ T: Int) -> Double { corner.first { $0.T == T }?.cell.error ?? 0 }
    let holds = error(64) >= 1e1 && error(256) >= 1e6
    return GuardFact(
      claim: "doubling in sub-blocks of 32 still fails: 10 at T = 64, 1e6 at T = 256",
      measured: "\(short(error(64))) and \(short(error(256)))", holds: holds,
      cause: holds ? nil : "the hard case is no longer hard: the case was weakened, or the solve was changed")
  }
}

extension Solve {
  /// For people: `doubling in sub-blocks of 16`.
  package var text: String { "\(method.text) in sub-blocks of \(subBlock)" }
}

extension Solve.Method {
  /// For people.
  package var text: String {
    switch self {
    case .substitution: "forward substitution"
    case .doubling: "doubling"
    case .inverseByDoubling: "inverse by doubling"
    case .fixedPoint: "fixed point"
    case .recursiveInverse: "recursive inverse"
    case .mergedInverse: "merged inverse"
    }
  }
}
