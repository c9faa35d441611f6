import Foundation

/// A regular file that grows at its end.
package final class AppendedFile: Sendable {
  private let descriptor: Descriptor

  /// Opens it, or makes it; what it holds already stays.
  package init(_ path: String) throws(FileFailure) {
    descriptor = try Descriptor.regular(path, O_WRONLY | O_CREAT | O_APPEND, step: "write")
  }

  /// Adds these bytes.
  package func append(_ bytes: some ContiguousBytes) throws(FileFailure) { try descriptor.write(bytes) }
}
