import GatedDeltaRule
import Generator
import Oracle

/// A setting and what its sample of cases shows.
package struct PowerResult: Sendable {
  package let setting: PowerSetting
  package let power: RunPower

  /// Twins of cases that take more multiply-adds than that are left out: their sizes, and with them how sharp they are,
  /// lie close to the others'.
  private static let work = 0x1p28

  /// Judges faults in drawn cases with a scalar decay, as a run draws them but for the format.
  ///
  /// - Parameters:
  ///   - count: cases of the sample.
  ///   - jobs: threads; changes nothing but the time.
  ///   - report: called after every case.
  package init(
    _ setting: PowerSetting, profile: Profile, cases count: Int, seed: UInt64, jobs: Int,
    report: @Sendable () -> Void = {}
  ) throws {
    var profile = profile
    profile.exactShare = setting.inputs == .fp32 ? Profile.usualExactShare : Profile.coarseExactShare
    profile.chunk = 64
    var (cases, index): ([CasePower], UInt64) = ([], 0)
    while cases.count < count, index < UInt64(20 * count) {
      let recipes = (0..<UInt64(jobs)).map { Recipe.draw(seed: seed, index: index + $0, profile: profile) }
        .filter { $0.decayKind == .scalar }
      index += UInt64(jobs)
      cases += try inParallel(recipes, jobs: jobs) { drawn -> CasePower? in
        var recipe = drawn
        recipe.precision = setting.inputs
        guard let check = try? CrossCheck(recipe) else { return nil }
        defer { report() }
        return check.power(for: setting.declaration(check.problem), work: PowerResult.work)
      }.compactMap(\.self)
    }
    (self.setting, power) = (setting, RunPower(Array(cases.prefix(count))))
  }
}

/// One number of the table.
package enum PowerColumn: Hashable, Sendable {
  /// Half of the cases show it by themselves.
  case inCase(isExact: Bool)
  /// Every second run of so many cases shows it.
  case inRun(Int)

  static let table: [PowerColumn] = [.inCase(isExact: false), .inRun(200), .inRun(2000)]

  /// For CSV.
  var name: String {
    switch self {
    case .inCase(let isExact): isExact ? "exact case" : "case"
    case .inRun(let count): "run of \(count)"
    }
  }
}

extension PowerResult {
  /// The smallest fault; nil where the sample does not have the result.
  func sensitivity(_ quantity: Quantity, _ extent: FaultExtent, _ column: PowerColumn) -> Sensitivity? {
    let subject = CasePower.Subject(quantity, extent)
    return switch column {
    case .inCase(let isExact): power.inOneCase(subject, exactly: isExact)
    case .inRun(let count): power.inRun(of: count, subject)
    }
  }
}
