import Foundation

/// A regular file of lines that grows at its end.
package final class AppendedFile: Sendable {
  private let descriptor: Descriptor

  /// Opens it, or makes it; what it holds already stays, and its last line is ended if it has no end.
  package init(_ path: String) throws(FileFailure) {
    descriptor = try Descriptor.regular(path, O_WRONLY | O_CREAT | O_APPEND, step: "write")
    if AppendedFile.endsWithinLine(path) { try descriptor.write([UInt8(ascii: "\n")]) }
  }

  /// What may be written and not read is taken for whole lines.
  private static func endsWithinLine(_ path: String) -> Bool {
    guard let file = try? Descriptor.regular(path, O_RDONLY, step: "read"),
      lseek(file.number, -1, SEEK_END) >= 0
    else { return false }
    var last: UInt8 = 0
    let count = withUnsafeMutableBytes(of: &last) { try? file.read(into: $0) }
    return count == 1 && last != UInt8(ascii: "\n")
  }

  /// Adds these bytes.
  package func append(_ bytes: some ContiguousBytes) throws(FileFailure) { try descriptor.write(bytes) }
}
