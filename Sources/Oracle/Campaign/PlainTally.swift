/// How the answers of one implementation stand under the plain law, whatever it declares.
package struct PlainTally: Sendable, Hashable, Codable {
  /// Answers that were compared, and those past the bound.
  package let cases: Int, fails: Int
  /// The worst error over that bound.
  package let worst: Double

  /// One answer.
  init(ratio: Double) { (cases, fails, worst) = (1, ratio <= 1 ? 0 : 1, ratio.isNaN ? .infinity : ratio) }

  private init(cases: Int, fails: Int, worst: Double) {
    (self.cases, self.fails, self.worst) = (cases, fails, worst)
  }

  /// Of both.
  static func + (left: PlainTally, right: PlainTally) -> PlainTally {
    PlainTally(
      cases: left.cases + right.cases, fails: left.fails + right.fails, worst: max(left.worst, right.worst))
  }

  /// Whether it can be what so many cases come to.
  func isSound(of all: Int) -> Bool { cases.isCount(of: all) && fails.isCount(of: cases) && worst >= 0 }
}
