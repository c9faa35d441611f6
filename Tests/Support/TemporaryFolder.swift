import Foundation

/// A folder for one test, removed with what is in it at the end of its scope.
public struct TemporaryFolder: ~Copyable {
  /// Where it is.
  public let path: String

  /// Empty, and nobody else's.
  public init() {
    path = FileManager.default.temporaryDirectory.appending(path: "gdr-\(UUID().uuidString)").path
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      fatalError("no temporary folder: \(error)")
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file or a folder in it, there or not.
  public func path(of name: String) -> String { "\(path)/\(name)" }

  /// Writes a file, and returns its path.
  @discardableResult
  public func write(_ bytes: some DataProtocol, to name: String) throws -> String {
    try Data(bytes).write(to: URL(filePath: path(of: name)))
    return path(of: name)
  }
}
