import Generator

/// In how many cases elements moved that had no reason to, and where most of them did.
package struct Drift: Sendable, Hashable, Codable {
  /// Cases in which some moved.
  package let cases: Int
  /// The largest part of the elements of a case.
  package let share: Double
  /// That case.
  package let recipe: Recipe
  /// Its number in the run.
  package let index: Int

  /// Of both. Of equal shares the case that a whole run meets first counts.
  static func + (left: Drift, right: Drift) -> Drift {
    let isLeft = left.share == right.share ? left.index <= right.index : left.share > right.share
    let worst = isLeft ? left : right
    return Drift(
      cases: left.cases + right.cases, share: worst.share, recipe: worst.recipe, index: worst.index)
  }

  /// Whether it can be what so many cases come to.
  func isSound(of all: Int) -> Bool { cases.isCount(of: all) && (0...1).contains(share) && index.isCount }
}
