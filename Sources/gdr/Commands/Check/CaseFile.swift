import Foreign
import GatedDeltaRule

/// One case file: the problem, and what the library that it came from answered.
struct CaseFile {
  let path: String
  let problem: Problem
  let recorded: Recorded

  /// - Throws: `BadFile`.
  init(_ path: String) throws(BadFile) {
    self.path = path
    do {
      let frame = try Frame(contentsOf: path)
      problem = try Problem(frame: frame)
      recorded = try Recorded(frame: frame, for: problem)
    } catch {
      throw BadFile(path: path, error)
    }
  }
}
