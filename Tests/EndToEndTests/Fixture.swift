import Foreign
import Foundation
import GatedDeltaRule
import Implementations
import Oracle
import Testing

/// A case that a public library computed.
struct Fixture: CustomTestStringConvertible, Sendable {
  let path: String
  var testDescription: String { path }

  /// Every case file of the repository.
  static let all: [Fixture] = {
    let folder = repository + "/Fixtures"
    let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    return names.filter { $0.hasSuffix(".safetensors") }.sorted().map(Fixture.init)
  }()

  static let repository = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

  func load() throws -> (problem: Problem, recorded: Recorded) {
    let frame = try Frame(contentsOf: Fixture.repository + "/Fixtures/" + path)
    let problem = try Problem(frame: frame)
    return (problem, try Recorded(frame: frame, for: problem))
  }
}

extension Verdict {
  /// Within the bound, or amplified rounding that a deployment tolerates, or not taken at all.
  var isAcceptable: Bool {
    switch self {
    case .agrees, .degraded, .refused: true
    case .disagrees, .failed: false
    }
  }
}
