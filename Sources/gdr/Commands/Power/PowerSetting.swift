import GatedDeltaRule
import Generator
import Oracle

/// One form in one format whose faults are looked for.
package struct PowerSetting: Sendable {
  /// The format of q, k, v, beta, a and b, and of the results that are stored so.
  package let inputs: Precision
  /// `chunked`, or the name of an implementation.
  package let form: String
  /// What is declared.
  let declaration: @Sendable (Problem) -> Declaration

  init(_ inputs: Precision, _ form: String, _ declaration: @escaping @Sendable (Problem) -> Declaration) {
    (self.inputs, self.form, self.declaration) = (inputs, form, declaration)
  }

  /// Token after token, with fp32 inside.
  static func sequential(_ inputs: Precision) -> PowerSetting {
    PowerSetting(inputs, "sequential") { _ in Declaration(offersDouble: false) }
  }

  /// Chunks of 64, their products' operands in the format of the inputs, all of it declared.
  static func chunked(_ inputs: Precision) -> PowerSetting {
    PowerSetting(inputs, "chunked") { _ in
      var declaration = Declaration(form: .chunked(length: 64), offersDouble: false)
      var said = Arrangement()
      (said.wy, said.exponents, said.system, said.inverse) = (.split, .gram, .inverse, .rows)
      said.dg = .crossings
      (said.products, said.solve) = (.all, .fp32)
      switch inputs {
      case .bf16: (declaration.products, said.solve) = (.bf16, .bf16)
      case .fp16: (declaration.products, said.solve) = (.fp16, .tf32)
      case .fp32, .fp64: break
      }
      declaration.arrangement = said
      return declaration
    }
  }

  /// What an implementation declares.
  static func declared(by implementation: any Implementation, _ inputs: Precision) -> PowerSetting {
    PowerSetting(inputs, implementation.name) { problem in
      var declaration = implementation.declaration(for: problem)
      declaration.offersDouble = false
      return declaration
    }
  }

}

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
  package init(_ setting: PowerSetting, profile: Profile, cases count: Int, seed: UInt64, jobs: Int) throws {
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
