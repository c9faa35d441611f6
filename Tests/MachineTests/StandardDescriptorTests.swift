import Machine
import Testing

@Suite struct StandardDescriptorTests {
  @Test func `what is closed at the start is /dev/null, and nothing else gets its number`() async {
    await #expect(processExitsWith: .exitCode(7)) {
      for number in STDIN_FILENO...STDERR_FILENO { close(number) }
      StandardDescriptors.open()
      let pipe = try Pipe()
      let isOpen = (STDIN_FILENO...STDERR_FILENO).allSatisfy { fcntl($0, F_GETFD) >= 0 }
      exit(isOpen && pipe.reader > STDERR_FILENO && pipe.writer > STDERR_FILENO ? 7 : 1)
    }
  }

  @Test func `a pipe keeps out of the way where nobody has opened them`() async {
    await #expect(processExitsWith: .exitCode(7)) {
      close(STDIN_FILENO)
      close(STDERR_FILENO)
      let pipe = try Pipe()
      let byte: [UInt8] = [42]
      var came: [UInt8] = [0]
      let isWhole = write(pipe.writer, byte, 1) == 1 && read(pipe.reader, &came, 1) == 1 && came == byte
      exit(isWhole && pipe.reader > STDERR_FILENO && pipe.writer > STDERR_FILENO ? 7 : 1)
    }
  }
}
