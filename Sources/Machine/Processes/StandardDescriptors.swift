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
}
