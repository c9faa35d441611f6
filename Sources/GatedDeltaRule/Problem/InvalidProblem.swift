/// Why tensors do not make a problem.
public enum InvalidProblem: Error, Hashable, Sendable {
  case dimension(name: String, size: Int, least: Int)
  case heads(Hk: Int, Hv: Int)
  case tooLarge(shape: [Int])
  case shape(name: String, found: [Int], expected: [Int])
  case notFinite(name: String, value: Double, index: Int)
  case negativeDecay(value: Double, index: Int)
}

extension InvalidProblem: CustomStringConvertible {
  /// One sentence for a person.
  public var description: String {
    switch self {
    case .dimension(let name, let size, let least): "\(name) is \(size), it must be at least \(least)"
    case .heads(let Hk, let Hv): "Hv = \(Hv) is not a multiple of Hk = \(Hk)"
    case .tooLarge(let shape):
      "a tensor of shape \(shape) is larger than the limit of \(Shape.elementLimit) elements"
    case .shape(let name, let found, let expected):
      "\(name) has shape \(found), expected \(expected)"
        + (InvalidProblem.areSwapped(name, found, expected)
          ? " (if states lie [Dk, Dv], say so: --contract layout=kv)" : "")
    case .notFinite(let name, let value, let index): "\(name) is \(value) at live element \(index)"
    case .negativeDecay(let value, let index):
      "g is \(value) at live element \(index); a decay factor is not negative"
        + (value < 0 ? " (if g holds its logarithm, say so: --contract decay=log)" : "")
    }
  }

  /// Whether a state, or a gradient of one, lies [Dk, Dv] in place of [Dv, Dk].
  private static func areSwapped(_ name: String, _ found: [Int], _ expected: [Int]) -> Bool {
    name.contains("state_") && found == expected.dropLast(2) + expected.suffix(2).reversed()
  }
}
