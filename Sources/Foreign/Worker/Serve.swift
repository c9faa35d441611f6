import GatedDeltaRule
import Machine

/// The other side of the pipe: answers frames on standard input with what the implementation computes, until the
/// input ends. What is printed meanwhile goes to standard error.
///
/// - Throws: `MalformedFrame` or `InvalidCase` if what comes in is no request.
public func serve(_ implementation: some Implementation) throws {
  let responder = Responder(implementation)
  try answerFrames { header, data in
    try responder.reply(to: Frame(header: header, data: data[...])).encoded()
  }
}

/// Answers every frame on standard input by one on standard output.
func answerFrames(_ reply: (FrameHeader, _ data: [UInt8]) throws -> [UInt8]) throws {
  let replies = dup(STDOUT_FILENO)
  dup2(STDERR_FILENO, STDOUT_FILENO)
  defer { close(replies) }
  while let prefix = take(FrameHeader.prefixCount) {
    guard let json = take(try FrameHeader.length(of: prefix)) else { return }
    let header = try FrameHeader(json: json)
    guard let data = take(header.dataCount) else { return }
    give(try reply(header, data), to: replies)
  }
}

/// So many bytes of standard input, or nil where it ends.
private func take(_ count: Int) -> [UInt8]? {
  var bytes = [UInt8](repeating: 0, count: count)
  var taken = 0
  while taken < count {
    let n = bytes.withUnsafeMutableBytes { read(STDIN_FILENO, $0.baseAddress! + taken, count - taken) }
    if n < 0 && errno == EINTR { continue }
    guard n > 0 else { return nil }
    taken += n
  }
  return bytes
}

private func give(_ bytes: [UInt8], to descriptor: Int32) {
  var given = 0
  while given < bytes.count {
    let n = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress! + given, $0.count - given) }
    if n < 0 && errno == EINTR { continue }
    guard n > 0 else { return }
    given += n
  }
}
