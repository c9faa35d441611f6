import GatedDeltaRule
import Generator

/// What a failing recipe says of its cause.
package struct Explanation: Sendable {
  /// The case.
  package let recipe: Recipe
  /// What the implementation came to on it.
  package let result: CaseResult
  /// Parts of the recipe without which the failure is gone.
  package let parts: [String]
  /// The first token whose output departs, in the order of the recurrence.
  package let firstOutput: Place?
  /// The last token whose gradient departs: the first in the order of the reverse sweep.
  package let firstGradient: Place?
  /// Which elements are off, where any is in the working arithmetic.
  package let pattern: ErrorPattern?
  /// Where the fault shows on a wider case, and that case; nil where nothing is off there.
  package let wider: (recipe: Recipe, pattern: ErrorPattern)?
  /// What says where the fault is: as it was met, on a wider case, here.
  let telling: [ErrorPattern]
  /// The rule that the implementation computes in place of the one asked for, if its answers say so.
  package let otherRule: Contract?

  /// Whether its answers are those of a kernel whose g has been through a logarithm, which it does not declare.
  let isThroughLogarithm: Bool
  /// How the answer to a problem fails that the violated property makes of this one, by the reference: it is a wrong result
  /// then, met by way of a property.
  package let underlying: Failure?

  /// The known faults that answer as it does, here and on a wider case.
  package let alike: [KnownFault]
  private static let mostAlike = 8
  /// At which sizes around this one it fails, and at which not.
  package let neighbours: [Neighbours]
  /// The form that the answer was judged by.
  package let form: Declaration.Form

  /// Where an implementation leaves the reference.
  package struct Place: Hashable, Sendable {
    /// In which result.
    package let quantity: Quantity
    /// Batch row and token.
    package let b: Int, t: Int
    /// Error over bound there.
    package let ratio: Double
  }

  /// Changes each part of the recipe to its plainest and looks whether the failure stays.
  ///
  /// - Parameters:
  ///   - known: the failure to explain, where it is known: then nothing else is looked for.
  ///   - met: which elements were off on the case that was reduced to this one.
  ///   - faults: what its answers are held against.
  ///   - isOver: whether to be content with what is known so far.
  /// - Returns: nil if the implementation does not fail on the recipe.
  package init?(
    _ recipe: Recipe, _ implementation: any Implementation, of known: Failure? = nil,
    met: ErrorPattern? = nil, amongst faults: [KnownFault] = [], unless isOver: () -> Bool = { false }
  ) throws {
    let check = try CrossCheck(recipe)
    let result = check.judge(implementation, properties: .like(known))
    guard let failure = result.failure else { return nil }
    (self.recipe, self.result) = (recipe, result.withoutTensors())
    pattern = ErrorPattern(result, of: implementation, on: check)
    let widerCase = pattern == nil ? nil : WiderCase(recipe, implementation)
    wider = widerCase.map { ($0.recipe, $0.pattern) }
    telling = [met, wider?.pattern, pattern].compactMap(\.self).filter(\.isTelling)
    // A plainer case shows less of what adds up over elements.
    let plainer = failure.kind == Failure.systematic ? [] : recipe.madePlain()
    parts = plainer.filter { _, plainer in
      guard let found = CrossCheck.failure(of: implementation, on: plainer, like: failure) else {
        return true
      }
      return !failure.isShown(by: found)
    }.map(\.part)
    otherRule =
      switch result.judgement.verdict {
      case .disagrees, .failed:
        result.evaluation.flatMap {
          OtherRule.contract(of: implementation, answering: $0, to: check.problem, of: recipe)
        }
      case .agrees, .degraded, .memory, .refused: nil
      }
    underlying = result.underlying(of: implementation, on: check)
    let around = Neighbours.all(of: recipe, implementation, failing: failure, unless: isOver)
    let answering =
      otherRule == nil && result.judgement.hasTellingErrors
      ? result.evaluation.map { answer in
        KnownFault.alike(
          faults, to: implementation, answering: answer, on: check, and: widerCase, unless: isOver
        )
        .filter { $0.fails(as: around, of: recipe, failing: failure) }
      } ?? [] : []
    // What so many faults have in common is none of theirs: a floor that is declared and not there, say.
    alike = answering.count <= Explanation.mostAlike ? answering : []
    neighbours = around
    let declaration = implementation.declaration(for: check.problem, answering: result.evaluation)
    form = declaration.form
    isThroughLogarithm = otherRule == nil && check.isThroughLogarithm(result, declaration)
    let ratios = result.evaluation.map { check.ratios($0, declaration) } ?? [:]
    firstOutput = Explanation.place(in: [.y], ratios, check.problem, fromEnd: false)
    firstGradient = Explanation.place(
      in: [.dv, .dbeta, .db, .dq, .dk, .da, .dg], ratios, check.problem, fromEnd: true)
  }

  /// The first token, in the order of the sweep, that is past its bound in one of these quantities.
  private static func place(
    in quantities: [Quantity], _ ratios: [Quantity: [Double]], _ problem: Problem, fromEnd: Bool
  ) -> Place? {
    let shape = problem.shape
    let order = fromEnd ? Array((0..<shape.T).reversed()) : Array(0..<shape.T)
    for t in order {
      for b in 0..<shape.B where problem.isLive(b, t) {
        for quantity in quantities {
          guard let all = ratios[quantity], shape.T > 0 else { continue }
          let width = all.count / (shape.B * shape.T)
          let worst = all[(b * shape.T + t) * width..<(b * shape.T + t + 1) * width].reduce(0) {
            $1 <= $0 ? $0 : $1
          }
          guard worst <= 1 else { return Place(quantity: quantity, b: b, t: t, ratio: worst) }
        }
      }
    }
    return nil
  }
}

extension CrossCheck {
  /// Whether an answer that disagrees would agree if g were allowed to have been through a logarithm.
  fileprivate func isThroughLogarithm(_ result: CaseResult, _ declaration: Declaration) -> Bool {
    guard case .disagrees = result.judgement.verdict, let answer = result.evaluation, problem.level == .core,
      !problem.givesLogDecay, declaration.clamp == .none
    else { return false }
    var through = declaration
    through.clamp = .logDecay(floor: -1000)
    return judge(evaluation: answer, double: nil, declaration: declaration).verdict.grade == .disagrees
      && judge(evaluation: answer, double: nil, declaration: through).verdict.grade == .agrees
  }
}

extension Judgement {
  /// Whether the errors are those of a formula: of what is not finite, and of what is amplified, many faults are alike.
  fileprivate var hasTellingErrors: Bool {
    guard case .disagrees(let found) = verdict else { return false }
    return [.wrongFormula, .unknown].contains(found.cause)
  }
}
