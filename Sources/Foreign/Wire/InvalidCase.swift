import GatedDeltaRule
import Machine

/// Why a frame, though well formed, is not a case or an answer.
public enum InvalidCase: Error, Hashable, Sendable {
  case missing(name: String, level: Level)
  /// A step, or the answer to one, lacks a tensor.
  case absent(name: String, step: Step.Kind)
  case bothLevels(core: String, model: String)
  case noGates
  case stray(names: [String])
  case elementType(name: String, found: ElementType, expected: String)
  case rank(name: String, shape: [Int], expected: String)
  case metadata(key: String, value: String, expected: String)
  case level(declared: Level, found: Level)
  case stateTooLarge(shape: [Int], limit: Int)
  case problem(InvalidProblem)
}

extension InvalidCase: CustomStringConvertible {
  /// One line for a person.
  public var description: String {
    switch self {
    case .missing(let name, let level): "no tensor \(name), which the \(level.rawValue) level needs"
    case .absent(let name, let step): "no tensor \(name), which a step that is to \(step.rawValue) needs"
    case .bothLevels(let core, let model):
      "both \(core) (core level) and \(model) (model level) are there; a case has one level"
    case .noGates: "neither g and beta (core level) nor a, b, A_log and dt_bias (model level) are there"
    case .stray(let names):
      "unknown tensor\(names.count == 1 ? "" : "s") "
        + names.prefix(4).map { quoted($0) }.joined(separator: ", ")
        + (names.count > 4 ? " and \(names.count - 4) more" : "")
    case .elementType(let name, let found, let expected):
      "\(name) has type \(found.rawValue), expected \(expected)"
    case .rank(let name, let shape, let expected): "\(name) has shape \(shape), expected \(expected)"
    case .metadata(let key, let value, let expected):
      "metadata \(quoted(key)) is \(quoted(value)), expected \(expected)"
    case .level(let declared, let found):
      "metadata says level \(declared.rawValue), the tensors are those of the \(found.rawValue) level"
    case .stateTooLarge(let shape, let limit):
      "a state of shape \(shape) is larger than the limit of \(limit) elements"
    case .problem(let problem): problem.description
    }
  }
}
