import GatedDeltaRule
import Sweep

/// What the elements of an answer may be off by, the declared floor included.
extension CrossCheck {
  /// The bound with the declared floor under it; unchanged for those that declare none.
  func raised(
    _ bound: Tensor, of quantity: Quantity, _ reference: Tensor, _ declaration: Declaration
  ) -> Tensor {
    guard declaration.floor > 0 else { return bound }
    let weights = problem.logarithmicWeights(of: quantity)
    var largest = 0.0
    for i in reference.values.indices where reference.values[i].isFinite {
      largest = max(largest, reference.values[i].magnitude * (weights?[i] ?? 1))
    }
    largest *= declaration.floor
    // What cancels in the gradient of one gate is of the size of its neighbours' terms.
    if [.dg, .da, .dA_log, .ddt_bias].contains(quantity) {
      for i in bound.values.indices where bound.values[i].isFinite {
        largest = max(largest, bound.values[i] * (weights?[i] ?? 1))
      }
    }
    var raised = bound
    for i in bound.values.indices {
      let weight = weights?[i] ?? 1
      if weight > 0 { raised.values[i] += largest / weight }
    }
    return raised
  }

  /// What a result may be off by from the rule without declared roundings, the declared floor included, but for what
  /// storing it costs.
  func allowance(
    _ quantity: Quantity, for declaration: Declaration, arithmetic: Request.Arithmetic
  ) -> Tensor? {
    let gradients = quantity.isGradient
    let bound = bound(
      for: declaration, arithmetic: arithmetic, gradients: gradients, payingForGates: true)
    guard let an = bound[quantity],
      let o = reference(DeclaredGates(clamp: declaration.clamp), gradients: gradients)[quantity]
    else { return nil }
    var declaration = declaration
    if arithmetic == .double { declaration.floor *= 0x1p-29 }
    return raised(an, of: quantity, o, declaration)
  }

  /// Whether an answer holds an inf or NaN that is excused: it then obeys no property.
  func leavesRange(_ answer: Evaluation, _ declaration: Declaration) -> Bool {
    answer.results.contains { quantity, found in
      guard !found.isFinite else { return false }
      let bound = bound(for: declaration)
      guard let o = reference(for: declaration)[quantity], let an = bound[quantity] else {
        return false
      }
      let range = Comparison.Range(partial: bound.partials[quantity], isOverflow: bound.isOverflow)
      return found.values.indices.contains { i in
        !found.values[i].isFinite
          && range.mayBeLeft(o.values[i], an.values[i], at: i, Comparison.Format(found.precision))
      }
    }
  }

  /// Error over what is allowed, element by element, of a run in the working arithmetic.
  package func ratios(_ answer: Evaluation, _ declaration: Declaration) -> [Quantity: [Double]] {
    let reference = reference(for: declaration)
    if let exact = exact(for: declaration) { return exactRatios(answer, exact, declaration) }
    let bound = bound(for: declaration)
    var ratios: [Quantity: [Double]] = [:]
    for (quantity, found) in answer.results {
      guard let o = reference[quantity], o.values.count == found.values.count,
        let an = bound[quantity].map({ raised($0, of: quantity, o, declaration) })
      else { continue }
      ratios[quantity] = found.values.indices.map { i in
        Comparison.ratio(found.values[i], o.values[i], bound: an.values[i], storedAs: found.precision)
      }
    }
    return ratios
  }

  private func exactRatios(
    _ answer: Evaluation, _ exact: Exact, _ declaration: Declaration
  ) -> [Quantity: [Double]] {
    var ratios: [Quantity: [Double]] = [:]
    for (quantity, found) in answer.results {
      guard let o = reference(for: declaration)[quantity], o.values.count == found.values.count else {
        continue
      }
      let allowed = allowance(quantity, o, exact, declaration, storedAs: found.precision)
      ratios[quantity] = found.values.indices.map { i in
        let error = (found.values[i] - o.values[i]).magnitude
        return error <= allowed.values[i] ? 0 : .infinity
      }
    }
    return ratios
  }
}
