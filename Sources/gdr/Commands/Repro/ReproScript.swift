import Foreign
import Foundation
import GatedDeltaRule
import Generator
import Oracle

/// A case as a Python program: its inputs, what is expected in fp64, what each element may be off by, and a place for a kernel.
struct ReproScript {
  /// What the program is written in.
  enum Framework: String, CaseIterable {
    case torch, numpy, mlx
  }

  /// Numbers that a file of a reasonable length holds.
  private static let most = 6000

  let framework: Framework
  let recipe: Recipe
  let title: String
  /// Inputs by their names, results as `expected.NAME` and `allowed.NAME`.
  let frame: Frame
  /// Whether inf and NaN are allowed, since the rule leaves the range of fp32 on its way.
  let leavesRange: Bool

  /// - Parameters:
  ///   - implementation: whose declaration says what is allowed.
  ///   - why: what the case is kept for.
  init(
    _ recipe: Recipe, _ framework: Framework, for implementation: any Implementation, why: String?
  ) throws {
    (self.recipe, self.framework) = (recipe, framework)
    title = why ?? "A case of the gated delta rule"
    let check = try CrossCheck(recipe)
    let declaration = implementation.declaration(for: check.problem)
    var entries = ReproScript.inputs(check.problem)
    let (reference, bound) = (check.reference(for: declaration), check.bound(for: declaration))
    for quantity in Quantity.all(at: check.problem.level) {
      guard let expected = reference[quantity], let allowed = bound[quantity] else { continue }
      entries["expected.\(quantity.rawValue)"] = .numbers(
        Tensor(shape: expected.shape, precision: .fp64, values: expected.values))
      // Below the smallest normal number of fp32 all may be lost.
      entries["allowed.\(quantity.rawValue)"] = .numbers(
        Tensor(shape: allowed.shape, precision: .fp64, values: allowed.values.map { $0 + 0x1p-126 }))
    }
    leavesRange = bound.isOverflow
    frame = Frame(entries: entries, metadata: ["recipe": recipe.text, "digest": check.problem.digest])
  }

  /// As fp32, which holds every number of the coarser formats; what is absent is zero.
  private static func inputs(_ problem: Problem) -> [String: Frame.Entry] {
    var entries: [String: Frame.Entry] = [:]
    for (input, tensor) in problem.tensors {
      let values = input == .dy ? cleared(tensor, where: problem.mask).values : tensor.values
      entries[input.rawValue] = .numbers(Tensor(shape: tensor.shape, precision: .fp32, values: values))
    }
    for input in [Input.stateIn, .dstateOut, .dy] where entries[input.rawValue] == nil {
      entries[input.rawValue] = .numbers(Tensor(shape: input.shape(in: problem.shape)))
    }
    if let mask = problem.mask {
      entries["mask"] = .flags(Flags(shape: [problem.shape.B, problem.shape.T], values: mask.live))
    }
    return entries
  }

  /// A loss does not see masked tokens.
  private static func cleared(_ dy: Tensor, where mask: Mask?) -> Tensor {
    guard let live = mask?.live, !live.isEmpty else { return dy }
    var dy = dy
    let width = dy.values.count / live.count
    for i in dy.values.indices where !live[i / width] { dy.values[i] = 0 }
    return dy
  }

  /// How many numbers it has.
  var count: Int {
    frame.entries.values.reduce(0) { sum, entry in
      if case .numbers(let tensor) = entry, !tensor.isConstant { sum + tensor.values.count } else { sum }
    }
  }

  /// Whether one file holds it.
  var isSmall: Bool { count <= ReproScript.most }
}

extension Tensor {
  /// Whether all of it is one finite number.
  var isConstant: Bool {
    guard let first = values.first, first.isFinite else { return values.isEmpty }
    return values.allSatisfy { $0 == first }
  }
}
