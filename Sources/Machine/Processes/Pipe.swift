/// Two ends of a pipe, closed to other programs that are started.
package struct Pipe {
  /// What is written comes out here.
  package let reader: Int32
  /// Where it is written.
  package let writer: Int32

  /// Makes one whose ends are none of 0 to 2, whatever is closed there: a child gets its own under these numbers.
  package init() throws(SystemFailure) {
    var ends: [Int32] = [-1, -1]
    guard Machine.pipe(&ends) == 0 else { throw SystemFailure("pipe") }
    for (place, end) in ends.enumerated() where end <= STDERR_FILENO {
      let moved = fcntl(end, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
      let failure = SystemFailure("fcntl")
      Machine.close(end)
      ends[place] = moved
      guard moved >= 0 else {
        Machine.close(ends[1 - place])
        throw failure
      }
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    (reader, writer) = (ends[0], ends[1])
  }

  /// Closes both ends.
  package func close() { for end in [reader, writer] { _ = Machine.close(end) } }
}

/// A call to the system that failed.
package struct SystemFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// Its name.
  package let call: String
  /// `errno` after it.
  package let code: Int32

  package init(_ call: String, code: Int32 = errno) { (self.call, self.code) = (call, code) }

  /// One clause.
  package var description: String { "\(call): \(String(cString: strerror(code)))" }
}
