import Foreign
import Foundation
import GatedDeltaRule

/// The checkout that the tests were built from.
public enum Repository {
  /// Its folder.
  public static let path = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
}

/// A case that a public library computed, shown by its path in `Fixtures`.
public struct Fixture: CustomStringConvertible, Sendable {
  /// Below `Fixtures`.
  public let path: String

  /// Its path.
  public var description: String { path }

  /// Every case file of the repository, by path.
  public static let all: [Fixture] = {
    let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    return names.filter { $0.hasSuffix(".safetensors") }.sorted().map(Fixture.init)
  }()

  /// Those whose problem and record are such; a file that cannot be read is kept, so that its test fails.
  public static func all(where isSuch: (Problem, Recorded) -> Bool) -> [Fixture] {
    all.filter { fixture in
      guard let (problem, recorded) = try? fixture.load() else { return true }
      return isSuch(problem, recorded)
    }
  }

  /// The file as it stands.
  ///
  /// - Throws: `MalformedFrame` or `FileFailure`.
  public func frame() throws -> Frame { try Frame(contentsOf: Fixture.folder + "/" + path) }

  /// The problem, and what the library answered.
  ///
  /// - Throws: `MalformedFrame`, `FileFailure` or `InvalidCase`.
  public func load() throws -> (problem: Problem, recorded: Recorded) {
    let frame = try frame()
    let problem = try Problem(frame: frame)
    return (problem, try Recorded(frame: frame, for: problem))
  }

  private static let folder = Repository.path + "/Fixtures"
}
