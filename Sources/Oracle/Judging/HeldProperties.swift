import GatedDeltaRule

/// What came of holding one implementation to properties, one after the other, up to the first that does not hold.
struct HeldProperties {
  /// The names of those that said something, the violated one included.
  private(set) var checked: [String] = []
  /// How much moved within the bounds, by the property that counted it.
  private(set) var movements: [String: Movement] = [:]
  /// The first that does not hold.
  private(set) var broken: BrokenProperty?
  /// The names of those that hold but for rounding that the algorithm amplifies.
  private(set) var degraded: [String] = []
  /// What broke down through no fault of this case.
  private(set) var breakdown: Breakdown?
  /// Why steps of the session were refused, so that it was not judged.
  private(set) var refusedSteps: String?
  /// Whether the run came to its end meanwhile.
  private(set) var wasInterrupted = false

  /// None was asked for.
  init() {}

  init(
    _ properties: [Property], by implementation: any Implementation, evaluation: Evaluation, check: CrossCheck
  ) {
    let runs = PropertyRuns(
      implementation, on: check.problem,
      exactness: Exactness(implementation.declaration(for: check.problem)),
      seed: check.seed, check: check, evaluation: evaluation)
    for property in properties {
      let result = property.check(runs)
      if !result.isSilent { checked.append(property.name) }
      if case .notApplicable(let reason) = result, property.name == Property.session.name,
        reason.hasPrefix(Inapplicable.refused)
      {
        refusedSteps = reason
      }
      if case .degraded = result { degraded.append(property.name) }
      guard !take(result, of: property.name) else { break }
    }
    movements = runs.movements
  }

  /// Whether nothing is left to be asked after it.
  private mutating func take(_ result: PropertyResult, of name: String) -> Bool {
    switch result {
    case .holds, .degraded, .notApplicable: return false
    case .interrupted: wasInterrupted = true
    case .brokeDown(let reason): breakdown = Breakdown(reason, isRepeatable: false)
    case .violated(let violation):
      broken = BrokenProperty(name: name, violation: violation, reason: nil)
    case .failed(let reason): broken = BrokenProperty(name: name, violation: nil, reason: reason)
    }
    return true
  }
}

extension PropertyResult {
  /// Whether it says nothing of the case.
  fileprivate var isSilent: Bool {
    switch self {
    case .notApplicable, .interrupted: true
    default: false
    }
  }
}
