import GatedDeltaRule
import Generator
import Machine
import Sweep

/// One problem with its reference and bounds, by which any number of implementations are judged: each by what its
/// declaration asks for. References and bounds are made when first needed and kept.
public final class CrossCheck {
  /// What is judged on.
  public let problem: Problem
  /// What it was rendered from, if anything.
  public let recipe: String?
  /// What follows from the recipe alone: which properties are drawn, and what they draw.
  package let seed: UInt64
  /// Threads of one evaluation and of the reference; changes nothing but the time.
  public let threads: Int
  // Of one or two each, a list is searched sooner than a key is hashed.
  private var references: [(gates: DeclaredGates, reference: Reference)] = []
  private var bounds: [(model: ErrorModel, gates: DeclaredGates, bound: Bound)] = []
  private var reached: [(clamp: Declaration.Clamp, isReached: Bool)] = []
  private var rounded: [(declared: DeclaredGates, acting: DeclaredGates)] = []
  let shared = Shared()
  /// What is asked for.
  let asked: [Quantity]

  /// Nothing is computed yet.
  public init(_ problem: Problem, recipe: String? = nil, threads: Int = 1) {
    (self.problem, self.recipe, self.threads) = (problem, recipe, threads)
    seed = Checksum.hash(recipe ?? "")
    asked = problem.quantities
  }

  /// The problem that a recipe makes.
  ///
  /// - Throws: `RecipeError` if it makes none.
  package convenience init(_ recipe: Recipe, threads: Int = 1) throws(RecipeError) {
    self.init(try recipe.render(), recipe: recipe.text, threads: threads)
    shared.knows(isDrawnExact: recipe.isExact)
  }

  /// The problem that a drawn recipe makes, which need not be rendered or proved again where drawing it did that.
  package convenience init(_ drawn: Drawn, threads: Int = 1) throws(RecipeError) {
    if let proved = drawn.proved {
      self.init(proved, recipe: drawn.recipe.text, threads: threads)
      shared.knows(isDrawnExact: drawn.recipe.isExact)
      shared.knowsProof()
    } else {
      try self.init(drawn.recipe, threads: threads)
    }
  }

  /// The rule with the decay held above a floor, and nothing rounded.
  public func reference(clamp: Declaration.Clamp = .none) -> Reference {
    reference(DeclaredGates(clamp: clamp), gradients: true)
  }

  /// The reference that implementations that declare this are compared with: its floor, and beta and g rounded to its
  /// formats.
  public func reference(for declaration: Declaration) -> Reference {
    reference(DeclaredGates(declaration), gradients: true)
  }

  /// The same; where no gradients are asked for, they may be missing.
  func reference(_ declared: DeclaredGates, gradients: Bool) -> Reference {
    let declared = acting(declared)
    if let known = known(declared, gradients) { return known }
    let reference =
      if let (outputs, others) = declared.apart {
        Reference(
          outputs: self.reference(outputs, gradients: false),
          gradients: gradients ? self.reference(others, gradients: true) : nil, clamp: declared.clamp)
      } else {
        Reference(problem, gates: gates(declared), clamp: declared.clamp, threads: threads)
      }
    references.append((declared, reference))
    return reference
  }

  private func known(_ gates: DeclaredGates, _ gradients: Bool) -> Reference? {
    references.first { $0.gates == gates && ($0.reference.hasGradients || !gradients) }?.reference
  }

  /// What an implementation that declares this may be off by.
  public func bound(for declaration: Declaration, arithmetic: Request.Arithmetic = .working) -> Bound {
    bound(for: declaration, arithmetic: arithmetic, gradients: true)
  }

  /// The same; where no gradients are asked for, they may be missing, and whatever leaves the range on the way to them.
  ///
  /// - Parameter pays: of the distance from the rule without declared roundings of gates, which the bound then pays for.
  func bound(
    for declaration: Declaration, arithmetic: Request.Arithmetic, gradients: Bool,
    payingForGates pays: Bool = false
  ) -> Bound {
    var acting = acting(DeclaredGates(declaration))
    if acting.clamp != declaration.clamp {
      var declaration = declaration
      declaration.clamp = acting.clamp
      return bound(for: declaration, arithmetic: arithmetic, gradients: gradients, payingForGates: pays)
    }
    let pays = pays && acting.areRounded
    if pays { acting = DeclaredGates(clamp: acting.clamp) }
    let model = ErrorModel(declaration, arithmetic: arithmetic, paysForGates: pays)
    let known = bounds.first {
      $0.model == model && $0.gates == acting && ($0.bound.hasGradients || !gradients)
    }
    if let known { return known.bound }
    if let (outputs, others) = acting.apart {
      func bound(_ clamp: Declaration.Clamp, gradients: Bool) -> Bound {
        var one = declaration
        one.clamp = clamp
        return self.bound(for: one, arithmetic: arithmetic, gradients: gradients, payingForGates: pays)
      }
      let joined = Bound(
        outputs: bound(outputs.clamp, gradients: false),
        gradients: gradients ? bound(others.clamp, gradients: true) : nil)
      bounds.append((model, acting, joined))
      return joined
    }
    let (reference, bound) = Bound.measure(
      problem, gates: gates(acting), for: declaration, arithmetic: arithmetic,
      gradients: gradients, paysForGates: pays, threads: threads)
    if self.known(acting, gradients) == nil { references.append((acting, reference)) }
    bounds.append((model, acting, bound))
    return bound
  }

  /// What of declared gates makes a difference to this problem.
  func acting(_ declared: DeclaredGates) -> DeclaredGates {
    var declared = declared
    declared.clamp = acting(declared.clamp)
    guard declared.areRounded else { return DeclaredGates(clamp: declared.clamp) }
    if let known = rounded.first(where: { $0.declared == declared }) { return known.acting }
    let acting = GateTable.acting(declared, on: problem)
    rounded.append((declared, acting))
    return acting
  }

  /// Whether a decay of the problem comes near the floor of a clamp.
  func reaches(_ clamp: Declaration.Clamp) -> Bool { acting(clamp) != .none }

  /// A clamp that no decay of the problem comes near is none.
  private func acting(_ clamp: Declaration.Clamp) -> Declaration.Clamp {
    if clamp == .none { return .none }
    if let known = reached.first(where: { $0.clamp == clamp }) { return known.isReached ? clamp : .none }
    let isReached = gates(clamp: .none).reaches(clamp, problem)
    reached.append((clamp, isReached))
    return isReached ? clamp : .none
  }
}
