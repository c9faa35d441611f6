import GatedDeltaRule
import Generator
import Sweep

/// What follows from the problem alone and properties ask for again with each implementation.
final class Shared {
  fileprivate var tables: [(gates: DeclaredGates, table: GateTable)] = []
  fileprivate var tolerances: [(model: ErrorModel, tolerances: PerQuantity<Tensor>)] = []
  fileprivate var transformed: [(draft: Draft, check: CrossCheck)] = []
  fileprivate var elements = 0
  /// Results whose bound says little, by what it is for.
  var uninformative: [(model: ErrorModel, gates: DeclaredGates, quantities: [Quantity])] = []
  fileprivate var rateQuotients: [Double]?
  fileprivate var writeFactors: [Double]?
  /// What results move by with a gain of each input.
  var derivatives: [(declared: DeclaredGates, values: [(Input, PerQuantity<Tensor>)])] = []
  private var isDrawnExact: Bool?
  private var proofs: [(arithmetic: ExactArithmetic, holds: Bool)] = []

  /// The properties that are drawn, once they are.
  fileprivate var drawn: [Property]?

  /// Elements of transformed problems that are kept: sharing pays on small ones, and memory must stay flat.
  fileprivate static let limit = 1 << 20

  /// Whether a recipe asks for numbers that nothing has to be rounded of.
  func isDrawnExact(_ recipe: String?) -> Bool {
    if let isDrawnExact { return isDrawnExact }
    let answer = recipe.flatMap { try? Recipe($0) }?.isExact ?? false
    isDrawnExact = answer
    return answer
  }

  /// What the recipe asks for is known without its text.
  func knows(isDrawnExact answer: Bool) { isDrawnExact = answer }

  /// The problem is proved already, for every declared format.
  func knowsProof() { proofs.append((.strictest, true)) }

  /// Whether it is proved that an arithmetic makes no error on the problem: by the proof that is one for every declared
  /// format, or by one of its own.
  func isProved(_ problem: Problem, for arithmetic: ExactArithmetic) -> Bool {
    func holds(_ arithmetic: ExactArithmetic) -> Bool {
      if let known = proofs.first(where: { $0.arithmetic == arithmetic }) { return known.holds }
      let holds = problem.obstacle(to: arithmetic) == nil
      proofs.append((arithmetic, holds))
      return holds
    }
    if ExactArithmetic.strictest.covers(arithmetic), holds(.strictest) { return true }
    return holds(arithmetic)
  }
}

extension CrossCheck {
  /// The gates of the problem, held above the floor of a clamp.
  func gates(clamp: Declaration.Clamp) -> GateTable { gates(DeclaredGates(clamp: clamp)) }

  /// The gates of the problem as a declaration has them.
  func gates(_ declared: DeclaredGates) -> GateTable {
    if let known = shared.tables.first(where: { $0.gates == declared }) { return known.table }
    let table = GateTable(problem, declared)
    shared.tables.append((declared, table))
    return table
  }

  /// The properties of a selection. Which are drawn does not depend on who is held to them.
  func properties(_ selection: PropertySelection) -> [Property] {
    guard selection == .drawn else { return selection.properties(drawnBy: seed) }
    if let known = shared.drawn { return known }
    let properties = selection.properties(drawnBy: seed)
    shared.drawn = properties
    return properties
  }

  /// Whether a floor under the decay holds that of a live token.
  package func isHeld(by clamp: Declaration.Clamp) -> Bool {
    clamp != .none && gates(clamp: clamp).frozen.contains(true)
  }

  /// What a property turned the problem into, with references and bounds of its own. What a property draws follows from
  /// the recipe, so that it turns the problem into the same for each implementation, unless their answers are part of
  /// it.
  func transformed(_ draft: Draft) throws(InvalidProblem) -> CrossCheck {
    if let known = shared.transformed.first(where: { $0.draft.isSame(as: draft) }) { return known.check }
    let check = CrossCheck(try draft.problem())
    shared.elements += draft.elements
    if shared.elements > Shared.limit { (shared.transformed, shared.elements) = ([], draft.elements) }
    if shared.elements <= Shared.limit { shared.transformed.append((draft, check)) }
    return check
  }

  /// What results in fp32 or fp64 may be off by from the rule without declared roundings, where no floor is declared,
  /// what storing them costs included; where no gradients are asked for, they may be missing.
  func tolerances(
    for declaration: Declaration, arithmetic: Request.Arithmetic, gradients: Bool
  ) -> PerQuantity<Tensor> {
    let model = ErrorModel(declaration, arithmetic: arithmetic)
    let known = shared.tolerances.first {
      $0.model == model && ($0.tolerances.hasGradients || !gradients)
    }
    if let known { return known.tolerances }
    let bound = bound(
      for: declaration, arithmetic: arithmetic, gradients: gradients, payingForGates: true)
    let underflow = Comparison.Format(.fp32).underflow
    var tolerances = PerQuantity<Tensor>()
    for quantity in problem.quantities {
      guard let an = bound[quantity] else { continue }
      let count = an.values.count
      let allowed = [Double](unsafeUninitializedCapacity: count) { allowed, initialized in
        an.values.withUnsafeBufferPointer { an in
          for i in 0..<count { allowed[i] = an[i] + underflow }
        }
        initialized = count
      }
      tolerances[quantity] = Tensor(shape: an.shape, precision: an.precision, values: allowed)
    }
    shared.tolerances.append((model, tolerances))
    return tolerances
  }

  /// dlambda/dA_log over dlambda/dx: softplus(x) / sigmoid(x) with x = a + dt_bias, or x where the decay is bounded,
  /// [B, T, Hv, width].
  var rateQuotients: [Double] {
    if let known = shared.rateQuotients { return known }
    let x = gates(clamp: .none).x
    let quotients = problem.contract.gate == .softplus ? x.map(Double.softplusOverSigmoid) : Array(x)
    shared.rateQuotients = quotients
    return quotients
  }

  /// What dbeta, or db, is multiplied by to make beta dbeta, [B, T, Hv].
  var writeFactors: [Double] {
    if let known = shared.writeFactors { return known }
    let factors =
      switch problem.primals.gates {
      case .core(_, let beta): beta.values
      case .model(_, let b, _, _): b.values.map(Double.writeFactor)
      }
    shared.writeFactors = factors
    return factors
  }
}
