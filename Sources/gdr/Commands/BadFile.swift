import Machine

/// A file that cannot be used, and why.
package struct BadFile: Error, CustomStringConvertible {
  /// Its path as it was given.
  package let path: String
  /// One line.
  package let reason: String

  package init(path: String, reason: String) { (self.path, self.reason) = (path, reason) }

  /// What an error says of it, the path said once.
  package init(path: String, _ error: any Error) {
    self.init(path: path, reason: (error as? FileFailure)?.reason ?? "\(error)")
  }

  /// One line for a person.
  package var description: String { "\(path): \(reason)" }
}
