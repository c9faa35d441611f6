/// Standard input, output and error.
package enum StandardDescriptors {
  /// Opens /dev/null where one of them is closed, before anything else is opened: the next file, or a pipe to another
  /// program, would get its number, and what is printed would go there.
  package static func open() {
    for number in STDIN_FILENO...STDERR_FILENO where fcntl(number, F_GETFD) < 0 {
      // The lowest number that is free; those below it are open by now.
      _ = Machine.open("/dev/null", O_RDWR)
    }
  }

  /// Files that a run has open at once with a few workers; the C library ends a program that has none left for itself.
  package static let fewest = 64

  /// Whether so many may be open, once the limit is as high as this process may set it.
  package static var areEnough: Bool {
    ResourceLimit.files.raise(to: 4096)
    return ResourceLimit.files.current.map { $0.rlim_cur >= fewest } ?? true
  }
}
