import GatedDeltaRule
import Generator

/// A fault that kernels have had, with a kernel that has it: what answers like that one very likely has it too.
package struct KnownFault: Sendable {
  /// What it is called in the list of known faults.
  package let name: String
  /// What is wrong, in a sentence.
  package let sentence: String
  /// A fresh one.
  let implementation: @Sendable () -> any Implementation

  /// - Parameter make: a fresh one, which has seen no call yet.
  package init(_ name: String, _ sentence: String, _ make: @escaping @Sendable () -> any Implementation) {
    (self.name, self.sentence) = (name, sentence)
    // They compute the plain rule.
    implementation = { ByPlainRule(make()) }
  }
}

extension KnownFault {
  /// Those with which answers can be mistaken for an implementation's, on this recipe and on a wider one: on the reduced
  /// case alone most faults look the same.
  ///
  /// - Parameters:
  ///   - answer: of the implementation, in the working arithmetic.
  ///   - wider: the wider case, where the implementation takes one.
  ///   - isOver: whether to be content with none.
  package static func alike(
    _ faults: [KnownFault], to implementation: any Implementation, answering answer: Evaluation,
    on check: CrossCheck, and wider: WiderCase?, unless isOver: () -> Bool = { false }
  ) -> [KnownFault] {
    guard check.problem.shape.isSmall else { return [] }
    let declaration = implementation.declaration(for: check.problem, answering: answer)
    let errors = Errors(answer, to: check, for: declaration)
    guard errors.isTelling else { return [] }
    guard let wider else {
      return faults.filter { !isOver() && $0.errors(on: check, for: declaration)?.areThose(errors) == true }
    }
    // On the reduced case it fails too, but where outputs are off on the wider one: those alone say which rule it is.
    let widerErrors = Errors(wider.answer, to: wider.check, for: wider.declaration)
    return faults.filter { fault in
      !isOver()
        && (widerErrors.areOutputsOff
          || fault.errors(on: check, for: declaration)?.areOff(in: errors) == true)
        && fault.errors(on: wider.check, for: wider.declaration)?.areThose(widerErrors) == true
    }
  }

  /// Whether it fails at these sizes and passes at those, where the implementation does.
  func fails(as neighbours: [Neighbours], of recipe: Recipe, failing failure: Failure) -> Bool {
    let implementation = implementation()
    return neighbours.allSatisfy { one in
      func fails(_ size: Int) -> Bool? {
        Neighbours.fails(recipe.with(one.axis, size), implementation, failure)
      }
      return one.failing.prefix(12).allSatisfy { fails($0) != false }
        && one.passing.prefix(12).allSatisfy { fails($0) != true }
    }
  }

  /// Nil where it gives no answer.
  private func errors(on check: CrossCheck, for declaration: Declaration) -> Errors? {
    let implementation = implementation()
    guard implementation.refusal(of: check.problem) == nil,
      let answer = try? implementation.evaluate(check.problem, request: Request())
    else { return nil }
    return Errors(answer, to: check, for: declaration)
  }
}

/// What an answer is off by, result by result.
private struct Errors {
  /// The differences and what is allowed of them, at the elements that count.
  private var parts: [Quantity: (off: [Bool], error: [Double], allowed: [Double])] = [:]

  /// How far two kernels of one fault may lie apart, of the largest error.
  private static let nearness = 0.02

  init(_ answer: Evaluation, to check: CrossCheck, for declaration: Declaration) {
    let reference = check.reference(for: declaration)
    let bound = check.bound(for: declaration)
    for (quantity, ratios) in check.ratios(answer, declaration) {
      guard let found = answer[quantity], let expected = reference[quantity], let allowed = bound[quantity]
      else {
        continue
      }
      let map = ErrorMap(ratios, quantity, check.problem)
      let counting = map.counts.indices.filter { map.counts[$0] }
      parts[quantity] = (
        counting.map { map.isOff[$0] }, counting.map { found.values[$0] - expected.values[$0] },
        counting.map { allowed.values[$0] }
      )
    }
  }

  /// Whether anything is far enough from what is allowed to tell one fault from another.
  var isTelling: Bool {
    parts.values.contains { part in
      part.off.indices.contains { part.off[$0] && !(part.error[$0].magnitude <= 10 * part.allowed[$0]) }
    }
  }

  /// The results that are off.
  private var off: Set<Quantity> { Set(parts.filter { $0.value.off.contains(true) }.keys) }

  /// Whether an output is off.
  var areOutputsOff: Bool { off.contains { !$0.isGradient } }

  /// Whether a result is off that another answer has wrong as well.
  func areOff(in other: Errors) -> Bool { !off.isDisjoint(with: other.off) }

  /// Whether another answer is off in the same results, by the same. Where outputs are off they alone say which rule is
  /// computed: its reverse pass may be another's.
  func areThose(_ other: Errors) -> Bool {
    let areOutputsOff = other.areOutputsOff
    guard !other.off.isEmpty else { return off.isEmpty }
    // What it does not answer it cannot have wrong.
    guard areOutputsOff || other.off.isSubset(of: parts.keys) else { return false }
    return parts.keys.filter { other.parts[$0] != nil && (!areOutputsOff || !$0.isGradient) }.allSatisfy {
      quantity in
      guard let mine = parts[quantity], let theirs = other.parts[quantity], mine.off.count == theirs.off.count
      else { return false }
      let isOff = mine.off.contains(true)
      guard isOff == theirs.off.contains(true) else { return false }
      let largest = theirs.error.reduce(0) { $1.isFinite ? max($0, $1.magnitude) : $0 }
      return !isOff
        || mine.error.indices.allSatisfy { i in
          let (one, two) = (mine.error[i], theirs.error[i])
          guard one.isFinite, two.isFinite else { return !one.isFinite && !two.isFinite }
          return (one - two).magnitude <= Errors.nearness * largest + 2 * theirs.allowed[i]
        }
    }
  }
}
