import GatedDeltaRule
import Generator
import Machine

/// The accused, and how a case is heard.
public struct Court: Sendable {
  /// Who stands before it, in the order of the reports.
  public let accused: [any Implementation]
  /// Whether properties are checked beside the comparison with the reference.
  public var checksProperties = true
  /// Whether all of them, instead of those that the recipe draws: for one case that somebody asks about.
  public var checksEveryProperty = false
  /// Threads for one case: one where cases are heard side by side.
  public var threads = 1

  /// Nobody is heard yet.
  public init(accused: [any Implementation]) { self.accused = accused }

  /// What one implementation came to on one recipe.
  public struct Statement: Sendable {
    /// Whose.
    public let implementation: String
    /// Whether it is known to fail.
    public let isControl: Bool
    /// The oracle's.
    public let judgement: Judgement
    /// The property that it violates, if it agrees with the reference but not with itself.
    public let violation: (property: String, violation: Violation)?
    /// What it is charged with, if anything.
    public let failure: Failure?
    /// The properties that said something of this case, the violated one included.
    public let properties: [String]
    /// What its answer is known again by; nil if there is none, or nothing but zeros in it.
    let fingerprint: UInt64?
  }

  /// One recipe before the whole court.
  public struct Hearing: Sendable {
    /// The case.
    public let recipe: Recipe
    /// One for each of the accused, in their order.
    public let statements: [Statement]
  }

  /// Renders the recipe and judges everybody on it.
  ///
  /// - Throws: `RecipeError` if the recipe makes no problem.
  public func hear(_ recipe: Recipe) throws(RecipeError) -> Hearing {
    let check = CrossCheck(try recipe.render(), recipe: recipe.text, threads: threads)
    let drawn = checksEveryProperty ? Property.all : Court.properties(for: check.seed)
    let properties = checksProperties ? drawn : []
    return Hearing(
      recipe: recipe, statements: accused.map { Court.statement(of: $0, in: check, properties) })
  }

  /// How one implementation fails on a recipe, or nil; a recipe that makes no problem fails nobody.
  ///
  /// - Parameter known: a failure to look for: if it is a violated property, that property alone is checked. Where
  ///   none is known, every property is.
  public static func failure(
    of implementation: any Implementation, on recipe: Recipe, like known: Failure? = nil
  ) -> Failure? {
    guard let problem = try? recipe.render() else { return nil }
    let check = CrossCheck(problem, recipe: recipe.text)
    let properties = known.map { Property.named($0.kind).map { [$0] } ?? [] } ?? Property.all
    return statement(of: implementation, in: check, properties).failure
  }

  private static func statement(
    of implementation: any Implementation, in check: CrossCheck, _ properties: [Property]
  ) -> Statement {
    var (judgement, answer) = check.hear(implementation)
    var failure = Failure(judgement, of: implementation.name)
    var violation: (property: String, violation: Violation)?
    var checked: [String] = []
    // What is degraded is known to lose what the properties would only show again.
    if case .agrees = judgement.verdict, let answer {
      let trial = Trial(
        implementation, on: check.problem, exactness: implementation.declaration.promisesBits ? .all : .none,
        seed: check.seed, court: check, evaluation: answer)
      do throws(Breakdown) {
        (failure, violation) = try firstFailure(of: properties, trial, &checked)
      } catch {
        (judgement.verdict, judgement.isRepeatable) = (.failed(error.description), error.isRepeatable)
        failure = Failure(judgement, of: implementation.name)
      }
    }
    return Statement(
      implementation: implementation.name, isControl: implementation.declaration.isControl,
      judgement: judgement, violation: violation, failure: failure, properties: checked,
      fingerprint: answer?.fingerprint)
  }

  /// - Throws: what broke down through no fault of this case.
  private static func firstFailure(
    of properties: [Property], _ trial: Trial, _ checked: inout [String]
  ) throws(Breakdown) -> (Failure?, (property: String, violation: Violation)?) {
    for property in properties {
      let result = property.check(trial)
      if case .notApplicable = result { continue }
      checked.append(property.name)
      switch result {
      case .holds, .degraded, .notApplicable: continue
      case .brokeDown(let reason): throw Breakdown(reason, isRepeatable: false)
      case .violated(let violation):
        let failure = Failure(
          implementation: trial.implementation.name, isBackward: false, kind: property.name, quantity: nil,
          severity: violation.ratio)
        return (failure, (property.name, violation))
      case .failed:
        return (
          Failure(
            implementation: trial.implementation.name, isBackward: false, kind: property.name, quantity: nil,
            severity: .infinity), nil
        )
      }
    }
    return (nil, nil)
  }

  /// Every property that takes no run, in a quarter of the cases one that takes one, in a fortieth one that takes
  /// several; which, the recipe alone decides.
  private static func properties(for hash: UInt64) -> [Property] {
    func pick(_ all: [Property], every: UInt64, _ bits: UInt64) -> ArraySlice<Property> {
      let place = Int(bits / every % UInt64(all.count))
      return bits % every == 0 ? all[place...place] : []
    }
    return free + pick(cheap, every: 4, hash >> 24) + pick(dear, every: 40, hash >> 12)
  }

  private static let free = Property.all.filter { $0.cost == .free }
  private static let cheap = Property.all.filter { $0.cost == .cheap }
  private static let dear = Property.all.filter { $0.cost == .dear }
}

extension CrossCheck {
  /// What follows from the recipe alone: which properties are drawn, and what they draw.
  fileprivate var seed: UInt64 { Checksum.hash(recipe ?? "") }
}
