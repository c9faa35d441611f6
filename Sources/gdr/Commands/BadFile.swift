/// A file that cannot be used, and why.
package struct BadFile: Error, CustomStringConvertible {
  /// Its path as it was given.
  package let path: String
  /// One line.
  package let reason: String

  /// One line for a person.
  package var description: String { "\(path): \(reason)" }
}
