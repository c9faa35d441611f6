import GatedDeltaRule
import Twin

/// An honest answer to one case, and the same with planted faults.
///
/// The honest answer is that of a twin of its own seed, before it is stored, or the reference where nothing has to be
/// rounded. A fault multiplies a part of it by 1 + f; then it is rounded to the format that it is stored in, to nearest.
package struct PlantedFaults {
  private let check: CrossCheck
  private let declaration: Declaration
  private let plain: PerQuantity<Tensor>
  /// As it is stored.
  package let honest: Evaluation

  /// - Parameter declaration: what the honest implementation declares.
  package init(_ check: CrossCheck, _ declaration: Declaration) {
    (self.check, self.declaration) = (check, declaration)
    let inputs = check.problem.primals.q.precision
    if check.exact(for: declaration) != nil {
      var plain = PerQuantity<Tensor>()
      for quantity in check.asked { plain[quantity] = check.reference(for: declaration)[quantity] }
      self.plain = plain
    } else {
      var form = TwinForm.usual(for: declaration, inputs: inputs)[0]
      for quantity in Quantity.allCases { form.storage[quantity] = .fp32 }
      plain = Twin(check.problem, form: form).results(seed: check.seed &+ PlantedFaults.seed)
    }
    let storage = TwinForm.storage(inputs: inputs)
    var results: [Quantity: Tensor] = [:]
    for quantity in check.asked {
      results[quantity] = plain[quantity]?.rounded(to: storage[quantity] ?? .fp32)
    }
    honest = Evaluation(results: results)
  }

  /// Of the twin that answers: another than those that answers are compared with.
  private static let seed: UInt64 = 0x5bd1_e995_9d1c_a3b7

  /// The answer with a fault of this size.
  package func answer(with fault: Double, in subject: CasePower.Subject) -> Evaluation {
    var answer = honest
    answer.results[subject.quantity] = wrong(fault, subject.quantity, elements(of: subject))
    return answer
  }

  /// The same with nothing that need not be there.
  func shortest(with fault: Double, in subject: CasePower.Subject, _ elements: [Int]) -> Evaluation {
    var results = honest.results.filter { [.y, .stateOut].contains($0.key) }
    results[subject.quantity] = wrong(fault, subject.quantity, elements)
    return Evaluation(results: results)
  }

  private func wrong(_ fault: Double, _ quantity: Quantity, _ elements: [Int]) -> Tensor? {
    guard var tensor = honest[quantity], let plain = plain[quantity] else { return nil }
    for i in elements { tensor.values[i] = tensor.precision.round(plain.values[i] * (1 + fault)) }
    return tensor
  }

  /// What a fault of size 1 adds, element by element.
  func unit(in subject: CasePower.Subject, _ elements: [Int]) -> [Double] {
    let values = plain[subject.quantity]?.values ?? []
    var unit = [Double](repeating: 0, count: values.count)
    for i in elements { unit[i] = values[i] }
    return unit
  }

  /// What is multiplied.
  func elements(of subject: CasePower.Subject) -> [Int] {
    guard let o = check.reference(for: declaration)[subject.quantity] else { return [] }
    return subject.extent.elements(of: subject.quantity, o, on: check.problem, seed: check.seed)
  }
}
