import GatedDeltaRule
import Machine

/// What a library answered when somebody ran it on a case, as a file keeps it: one more implementation, whose
/// every evaluation is the recorded one.
public struct Recorded: Implementation {
  /// The library and its version.
  public let name: String
  /// Which function of it ran, and where.
  public let summary: String
  /// Form, clamp and roundings as the file says.
  public let declaration: Declaration
  /// The results in the file; those absent stay absent.
  public let evaluation: Evaluation
  /// The format that a result, or a value inside, was rounded to, by its wire name.
  public let roundings: [String: Precision]
  /// The format that log g was in where the library takes the logarithm, which loses digits of a small g.
  public let logDecayPrecision: Precision?
  /// Whether other implementations are held to it. What a fragile algorithm answered on a case made to break it
  /// is shown only.
  public let isJudged: Bool
  /// What makes the case deliberately hard, or nil: a chunked form may lose digits on it.
  public let danger: String?
  /// Why the case exists.
  public let note: String

  /// Reads the results and what the metadata says of them; metadata that is absent means the plainest.
  public init(frame: Frame, for problem: Problem) throws(InvalidCase) {
    evaluation = try Evaluation(frame: frame, shape: problem.shape, contract: problem.contract)
    let metadata = frame.metadata.mapValues { oneLine($0) }
    let library = [metadata["library"], metadata["version"]].compactMap(\.self).joined(separator: " ")
    let origin = metadata["origin"] ?? ""
    name = library.isEmpty ? (origin.isEmpty ? "recorded" : origin) : library
    summary = [origin, metadata["dtype"] ?? ""].filter { !$0.isEmpty }.joined(separator: ", ")
    danger = metadata["danger"].flatMap { ["", "none"].contains($0) ? nil : $0 }
    note = metadata["note"] ?? ""
    roundings = try frame.roundings()
    logDecayPrecision = try frame.precision("log_g_rounding")
    isJudged = try frame.isJudged()
    var declaration = try Declaration(frame: frame)
    // The results are those of the rule that the case asks for, whoever said which.
    declaration.contract = problem.contract
    self.declaration = declaration
  }

  /// Whatever the request: a recording cannot run again.
  public func evaluate(_ problem: Problem, request: Request) -> Evaluation { evaluation }
}

extension Frame {
  fileprivate func precision(_ key: String) throws(InvalidCase) -> Precision? {
    guard let text = metadata[key] else { return nil }
    guard let precision = Precision(rawValue: text) else {
      let names = Precision.allCases.map(\.rawValue).joined(separator: ", ")
      throw .metadata(key: key, value: text, expected: "one of \(names)")
    }
    return precision
  }

  /// `yes` or `shown`.
  fileprivate func isJudged() throws(InvalidCase) -> Bool {
    switch metadata["judged"] {
    case nil, "yes": return true
    case "shown", "no": return false
    case let text?: throw .metadata(key: "judged", value: text, expected: "yes or shown")
    }
  }
}
