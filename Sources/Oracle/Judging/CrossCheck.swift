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
  let seed: UInt64
  /// Threads of one evaluation and of the reference; changes nothing but the time.
  public let threads: Int
  // Of one or two each, a list is searched sooner than a key is hashed.
  private var references: [(clamp: Declaration.Clamp, reference: Reference)] = []
  private var bounds: [(model: ErrorModel, bound: Bound)] = []
  private var reached: [(clamp: Declaration.Clamp, isReached: Bool)] = []
  let shared = Shared()
  /// What is asked for, and the shapes that it must have.
  let asked: [Quantity]
  let shapes: PerQuantity<[Int]>

  /// Nothing is computed yet.
  public init(_ problem: Problem, recipe: String? = nil, threads: Int = 1) {
    (self.problem, self.recipe, self.threads) = (problem, recipe, threads)
    seed = Checksum.hash(recipe ?? "")
    asked = Quantity.all(at: problem.level)
    var shapes = PerQuantity<[Int]>()
    for quantity in asked { shapes[quantity] = quantity.shape(in: problem.shape) }
    self.shapes = shapes
  }

  /// The problem that a recipe makes.
  ///
  /// - Throws: `RecipeError` if it makes none.
  package convenience init(_ recipe: Recipe, threads: Int = 1) throws(RecipeError) {
    self.init(try recipe.render(), recipe: recipe.text, threads: threads)
  }

  /// The reference that implementations with this clamp are compared with.
  public func reference(clamp: Declaration.Clamp = .none) -> Reference {
    reference(clamp: clamp, gradients: true)
  }

  /// The same; where no gradients are asked for, they may be missing.
  func reference(clamp: Declaration.Clamp, gradients: Bool) -> Reference {
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

  /// A clamp that no decay of the problem comes near is none.
  private func acting(_ clamp: Declaration.Clamp) -> Declaration.Clamp {
    if clamp == .none { return .none }
    if let known = reached.first(where: { $0.clamp == clamp }) { return known.isReached ? clamp : .none }
    let isReached = gates(clamp: .none).reaches(clamp, problem)
    reached.append((clamp, isReached))
    return isReached ? clamp : .none
  }
}
