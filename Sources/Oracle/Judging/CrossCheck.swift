import GatedDeltaRule
import Sweep

/// The court for one problem: judges any number of implementations, each by the reference and the bound that its
/// declaration asks for. References and bounds are made when first needed and kept.
public final class CrossCheck {
  /// What is judged on.
  public let problem: Problem
  /// What it was rendered from, if anything.
  public let recipe: String?
  /// Threads of one evaluation and of the reference; changes nothing but the time.
  public let threads: Int
  // Of one or two each, a list is searched sooner than a key is hashed.
  private var references: [(clamp: Declaration.Clamp, reference: Reference)] = []
  private var bounds: [(model: ErrorModel, bound: Bound)] = []
  private var reached: [(clamp: Declaration.Clamp, isReached: Bool)] = []
  let shared = Shared()
  /// What is asked for, and the shapes that it must have.
  private let asked: [Quantity]
  private let shapes: PerQuantity<[Int]>

  /// Nothing is computed yet.
  public init(_ problem: Problem, recipe: String? = nil, threads: Int = 1) {
    (self.problem, self.recipe, self.threads) = (problem, recipe, threads)
    asked = Quantity.all(at: problem.level)
    var shapes = PerQuantity<[Int]>()
    for quantity in asked { shapes[quantity] = quantity.shape(in: problem.shape) }
    self.shapes = shapes
  }

  /// The reference that implementations with this clamp are compared with.
  public func reference(clamp: Declaration.Clamp = .none) -> Reference {
    reference(clamp: clamp, gradients: true)
  }

  /// The same; where no gradients are asked for, they may be missing.
  private func reference(clamp: Declaration.Clamp, gradients: Bool) -> Reference {
    let clamp = acting(clamp)
    if let known = known(clamp, gradients) { return known }
    let reference = Reference(problem, gates: gates(clamp: clamp), clamp: clamp, threads: threads)
    references.append((clamp, reference))
    return reference
  }

  private func known(_ clamp: Declaration.Clamp, _ gradients: Bool) -> Reference? {
    references.first { $0.clamp == clamp && ($0.reference.hasGradients || !gradients) }?.reference
  }

  /// What an implementation that declares this may be off by.
  public func bound(for declaration: Declaration, arithmetic: Request.Arithmetic = .working) -> Bound {
    bound(for: declaration, arithmetic: arithmetic, gradients: true)
  }

  /// The same; where no gradients are asked for, they may be missing, and whatever leaves the range on the way to them.
  func bound(for declaration: Declaration, arithmetic: Request.Arithmetic, gradients: Bool) -> Bound {
    var declaration = declaration
    declaration.clamp = acting(declaration.clamp)
    let model = ErrorModel(declaration, arithmetic: arithmetic)
    if let known = bounds.first(where: { $0.model == model && ($0.bound.hasGradients || !gradients) }) {
      return known.bound
    }
    let (reference, bound) = Bound.measure(
      problem, gates: gates(clamp: declaration.clamp), for: declaration, arithmetic: arithmetic,
      gradients: gradients, threads: threads)
    if known(declaration.clamp, gradients) == nil { references.append((declaration.clamp, reference)) }
    bounds.append((model, bound))
    return bound
  }

  /// Asks for a refusal, runs in the working arithmetic and, where it is offered, in fp64, and judges.
  public func judge(_ implementation: any Implementation) -> Judgement { hear(implementation).judgement }

  /// The same, with the answer in the working arithmetic if there is one.
  func hear(_ implementation: any Implementation) -> (judgement: Judgement, answer: Evaluation?) {
    if let reason = implementation.refusal(of: problem) {
      return (Judgement(verdict: .refused(reason)), nil)
    }
    do {
      if problem.needsDouble { return (try judgeInDouble(implementation), nil) }
      let evaluation = try implementation.evaluate(problem, request: request(.working))
      var judgement = judge(
        evaluation: evaluation, double: try double(implementation),
        declaration: implementation.declaration(for: problem))
      if case .degraded(var found) = judgement.verdict,
        isOfSinglePrecisionAlone(implementation, found, judgement)
      {
        found.cause = .lowPrecision
        judgement.verdict = .disagrees(found)
      }
      return (judgement, evaluation)
    } catch let refusal as Refusal {
      return (Judgement(verdict: .refused(refusal.description)), nil)
    } catch {
      var judgement = Judgement(verdict: .failed("\(error)"))
      judgement.isRepeatable = (error as? Breakdown)?.isRepeatable ?? true
      return (judgement, nil)
    }
  }

  private func request(_ arithmetic: Request.Arithmetic) -> Request {
    Request(arithmetic: arithmetic, recipe: recipe, threads: threads)
  }

  /// The run in fp64 where it is offered and not refused for this problem.
  private func double(_ implementation: any Implementation) throws -> Evaluation? {
    guard implementation.declaration.offersDouble else { return nil }
    do {
      return try implementation.evaluate(problem, request: request(.double))
    } catch is Refusal {
      return nil
    }
  }

  /// Judges the run in fp64 alone: the working arithmetic would see other inputs.
  private func judgeInDouble(_ implementation: any Implementation) throws -> Judgement {
    let answer = try implementation.evaluate(problem, request: request(.double))
    guard answer.results.values.allSatisfy({ $0.precision == .fp64 }) else {
      return Judgement(verdict: .refused("does not run in fp64, which the inputs need"))
    }
    if let fault = fault(in: answer) { return Judgement(verdict: .failed(fault)) }
    let exact = compareDouble(answer, declaration: implementation.declaration)
    var judgement = Judgement(verdict: .agrees(ratio: exact.map(\.ratio).max() ?? 0))
    judgement.peakBytes = answer.peakBytes
    for comparison in exact { judgement.doubleRatios[comparison.quantity] = comparison.ratio }
    if let found = disagreement(answer, [], answer, exact, implementation.declaration) {
      judgement.verdict = .disagrees(found)
    }
    return judgement
  }

  /// Judges results that exist already; `double` are those of the same algorithm in fp64, if there are any.
  public func judge(evaluation: Evaluation, double: Evaluation?, declaration: Declaration) -> Judgement {
    for answer in [evaluation, double].compactMap(\.self) {
      if let fault = fault(in: answer) { return Judgement(verdict: .failed(fault)) }
    }
    let bound = bound(for: declaration)
    let working = compare(evaluation, bound, declaration, arithmetic: .working, scale: 1)
    let exact = double.map { compareDouble($0, declaration: declaration) } ?? []

    var judgement = Judgement(verdict: .agrees(ratio: working.map(\.ratio).max() ?? 0))
    judgement.peakBytes = evaluation.peakBytes
    judgement.isOverflow = bound.isOverflow
    judgement.ratios = Dictionary(uniqueKeysWithValues: working.map { ($0.quantity, $0.ratio) })
    judgement.doubleRatios = Dictionary(uniqueKeysWithValues: exact.map { ($0.quantity, $0.ratio) })
    judgement.clampDeviation = deviation(of: evaluation, clamp: declaration.clamp)
    if let disagreement = disagreement(evaluation, working, double, exact, declaration) {
      let isTolerable = disagreement.cause == .unstable && disagreement.normError <= CrossCheck.deployment
      judgement.verdict = isTolerable ? .degraded(disagreement) : .disagrees(disagreement)
    }
    return judgement
  }

  /// The unit roundoff of bf16, the format that models are deployed in: amplified rounding below it is tolerable.
  static let deployment = Precision.bf16.unitRoundoff

  /// A clamp that no decay of the problem comes near is none.
  private func acting(_ clamp: Declaration.Clamp) -> Declaration.Clamp {
    if clamp == .none { return .none }
    if let known = reached.first(where: { $0.clamp == clamp }) { return known.isReached ? clamp : .none }
    let isReached = gates(clamp: .none).reaches(clamp, problem)
    reached.append((clamp, isReached))
    return isReached ? clamp : .none
  }

  /// Why an answer is none, or nil.
  private func fault(in answer: Evaluation) -> String? {
    for quantity in [Quantity.y, .stateOut] where answer[quantity] == nil {
      return "\(quantity.rawValue) is missing"
    }
    var worst: (quantity: Quantity, fault: String)?
    for (quantity, tensor) in answer.results where quantity.ordinal < worst?.quantity.ordinal ?? .max {
      if let fault = fault(in: quantity, tensor) { worst = (quantity, fault) }
    }
    return worst?.fault
  }

  private func fault(in quantity: Quantity, _ tensor: Tensor) -> String? {
    guard let shape = shapes[quantity] else {
      return "\(quantity.rawValue) is no gradient of the \(problem.level.rawValue) level"
    }
    guard tensor.shape == shape else {
      return "\(quantity.rawValue) has shape \(tensor.shape), expected \(shape)"
    }
    return nil
  }

  private func compareDouble(_ answer: Evaluation, declaration: Declaration) -> [Comparison] {
    let isCoarse = [declaration.betaPrecision, declaration.decayPrecision].contains {
      $0.unitRoundoff > 0x1p-24
    }
    // A gate that is rounded on purpose is rounded in fp64 too: its part of the bound does not scale.
    let bound = bound(for: declaration, arithmetic: isCoarse ? .double : .working)
    return compare(
      answer, bound, declaration, arithmetic: .double, scale: isCoarse ? 1 : 0x1p-29)
  }

  private func compare(
    _ answer: Evaluation, _ bound: Bound, _ declaration: Declaration, arithmetic: Request.Arithmetic,
    scale: Double
  ) -> [Comparison] {
    let reference = reference(clamp: declaration.clamp)
    return asked.compactMap { quantity in
      guard let found = answer[quantity], let o = reference[quantity], let an = bound[quantity] else {
        return nil
      }
      return Comparison(
        quantity, found: found, reference: o, bound: raised(an, of: quantity, o, declaration),
        partial: bound.partials[quantity], isOverflow: bound.isOverflow, problem: problem,
        storedAs: arithmetic == .working ? found.precision : .fp64, scale: scale)
    }
  }

  /// The bound with the declared floor under it; unchanged for those that declare none.
  private func raised(
    _ bound: Tensor, of quantity: Quantity, _ reference: Tensor, _ declaration: Declaration
  ) -> Tensor {
    guard declaration.floor > 0 else { return bound }
    var weights: [Double]?
    if quantity == .dg, case .core(let g, _) = problem.primals.gates { weights = g.values }
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

  /// What a result may be off by, the declared floor included, but for what storing it costs.
  func allowance(
    _ quantity: Quantity, for declaration: Declaration, arithmetic: Request.Arithmetic
  ) -> Tensor? {
    let gradients = quantity.isGradient
    let bound = bound(for: declaration, arithmetic: arithmetic, gradients: gradients)
    guard let an = bound[quantity],
      let o = reference(clamp: declaration.clamp, gradients: gradients)[quantity]
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
      guard let o = reference(clamp: declaration.clamp)[quantity], let an = bound[quantity] else {
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
  public func ratios(_ answer: Evaluation, _ declaration: Declaration) -> [Quantity: [Double]] {
    let (reference, bound) = (reference(clamp: declaration.clamp), bound(for: declaration))
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
}
