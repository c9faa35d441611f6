import Foreign
import GatedDeltaRule

/// One case file: the problem, and what the library that it came from answered.
struct CaseFile {
  let path: String
  let problem: Problem
  let recorded: Recorded

  /// - Parameter contract: the rule that it asks for, whatever it says; nil for what it says.
  /// - Throws: `BadFile`.
  init(_ path: String, contract: Contract? = nil) throws(BadFile) {
    self.path = path
    do {
      let frame = try Frame(contentsOf: path)
      problem = try Problem(frame: frame, contract: contract)
      recorded = try Recorded(frame: frame, for: problem)
    } catch {
      throw BadFile(path: path, error)
    }
  }
}
