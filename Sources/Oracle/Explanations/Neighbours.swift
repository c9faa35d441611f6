import GatedDeltaRule
import Generator

/// At which sizes around that of a failing case it fails too, and at which it does not: a boundary says more of a cause than
/// any one case.
package struct Neighbours: Hashable, Sendable {
  /// Which size is changed, all others left as they are.
  package let axis: Axis
  /// The sizes at which it fails and passes, ascending. One that is refused, or makes no case, is in neither.
  package let failing: [Int], passing: [Int]

  /// What is asked at most, and for how long: a neighbour is worth a moment.
  private static let limit = 160, patience = Duration.seconds(3)

  /// Of every size that makes a difference.
  ///
  /// - Parameters:
  ///   - failure: how it fails: a property is looked for where it is one.
  ///   - isOver: whether to be content with what was asked.
  package static func all(
    of recipe: Recipe, _ implementation: any Implementation, failing failure: Failure,
    unless isOver: () -> Bool = { false }
  ) -> [Neighbours] {
    guard recipe.calls == nil else { return [] }
    let end = ContinuousClock.now + patience
    var left = limit
    return Axis.allCases.compactMap { axis in
      var (failing, passing): ([Int], [Int]) = ([], [])
      for size in sizes(around: recipe[axis], of: axis) where left > 0 && .now < end && !isOver() {
        left -= 1
        switch fails(recipe.with(axis, size), implementation, failure) {
        case true?: failing.append(size)
        case false?: passing.append(size)
        case nil: continue
        }
      }
      guard !failing.isEmpty, !passing.isEmpty else { return nil }
      return Neighbours(axis: axis, failing: failing, passing: passing)
    }
  }

  /// Nil where there is nothing to say: no case, refused, or too large.
  static func fails(
    _ recipe: Recipe, _ implementation: any Implementation, _ failure: Failure
  ) -> Bool? {
    guard recipe.B * recipe.T * recipe.Hv * recipe.Dk * recipe.Dv <= 1 << 20,
      let result = try? CrossCheck(recipe).judge(implementation, properties: .like(failure))
    else { return nil }
    if case .refused = result.judgement.verdict { return nil }
    return result.failure != nil
  }

  /// Next to the size, a chunk or a tile from it, and at the sizes of chunks and tiles.
  private static func sizes(around size: Int, of axis: Axis) -> [Int] {
    let near = Array(size - 2...size + 2)
    let all: [Int] =
      switch axis {
      case .B, .Hk, .Hv: near + [1, 2, 3, 4, 2 * size]
      case .T: near + [1, 2, 3, 4, 8, 16, 17, 32, 33, 64, 65, size + 16, size + 64, 128, 129]
      case .Dk, .Dv: near + [1, 2, 3, 4, 8, 16, 32, 33, 64, 2 * size]
      }
    return Set(all).filter { $0 >= 1 }.sorted()
  }
}

extension Recipe {
  /// How long an axis is; of value heads, how many read one key head.
  subscript(axis: Axis) -> Int {
    switch axis {
    case .B: B
    case .T: T
    case .Hk: Hk
    case .Hv: Hv / max(1, Hk)
    case .Dk: Dk
    case .Dv: Dv
    }
  }

  /// The same with another size.
  func with(_ axis: Axis, _ size: Int) -> Recipe {
    var recipe = self
    switch axis {
    case .B: recipe.B = size
    case .T: recipe.T = size
    case .Hk: (recipe.Hk, recipe.Hv) = (size, size * self[.Hv])
    case .Hv: recipe.Hv = Hk * size
    case .Dk: recipe.Dk = size
    case .Dv: recipe.Dv = size
    }
    return recipe
  }
}
