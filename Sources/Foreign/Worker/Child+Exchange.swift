import Machine

extension Child {
  /// Where the parts of a reply lie in `buffer`.
  struct Reply {
    let header: FrameHeader
    let data: Range<Int>
  }

  /// Sends a frame and reads one, both at once: a worker may begin to answer before it has read everything.
  ///
  /// - Parameters:
  ///   - limit: bytes of values that the reply may have; nothing is allocated for more.
  ///   - deadline: for the whole exchange, which ends before where the run does.
  func exchange(_ request: [UInt8], limit: Int, deadline: Duration) throws(WorkerFault) -> Reply {
    let end = ContinuousClock.now + deadline
    if run?.hasPassed == true { throw .interrupted }
    try checkSilence()
    var (sent, received, needed) = (0, 0, FrameHeader.prefixCount)
    var header: FrameHeader?
    grow(to: needed)
    while true {
      let state = try wait(sending: sent < request.count, until: end, deadline)
      if state.complains { readComplaints() }
      if state.takes { sent += try send(request, from: sent) }
      guard state.gives else { continue }
      received += try receive(at: received, upTo: needed)
      guard received == needed else { continue }
      if needed == FrameHeader.prefixCount {
        needed += try malformed { () throws(MalformedFrame) in try FrameHeader.length(of: buffer[0..<needed])
        }
        grow(to: needed)
        if received < needed { continue }
      }
      if header == nil {
        let json = Array(buffer[FrameHeader.prefixCount..<needed])
        let parsed = try malformed { () throws(MalformedFrame) in try FrameHeader(json: json) }
        guard parsed.dataCount <= limit else { throw .tooLarge(bytes: parsed.dataCount, limit: limit) }
        header = parsed
        needed += parsed.dataCount
        grow(to: needed)
        if received < needed { continue }
      }
      if let header { return Reply(header: header, data: needed - header.dataCount..<needed) }
    }
  }

  private func malformed<T>(_ body: () throws(MalformedFrame) -> T) throws(WorkerFault) -> T {
    do {
      return try body()
    } catch {
      throw .malformed(error)
    }
  }

  private func grow(to count: Int) {
    if buffer.count < count { buffer.append(contentsOf: repeatElement(0, count: count - buffer.count)) }
  }

  /// - Throws: `unasked` if there is something to read although nothing was asked.
  private func checkSilence() throws(WorkerFault) {
    var ready = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
    guard Machine.poll(&ready, 1, 0) > 0, ready.revents & Int16(POLLIN) != 0 else { return }
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = read(output, &bytes, bytes.count)
    guard count > 0 else { return }
    throw .unasked(text: String(decoding: bytes.prefix(count), as: UTF8.self))
  }

  private struct Readiness {
    var takes = false
    var gives = false
    var complains = false
  }

  /// How often somebody who waits looks whether the run, or the worker, has come to its end: then nothing comes of
  /// the pipe if one that the worker started holds it too.
  private static let glance = Duration.milliseconds(50)

  private func wait(
    sending: Bool, until end: ContinuousClock.Instant, _ deadline: Duration
  ) throws(WorkerFault) -> Readiness {
    var hasFailed = false
    while true {
      let left = end - .now
      if run?.hasPassed == true { throw .interrupted }
      guard left > .zero else {
        throw .hung(seconds: deadline / .seconds(1), hasLeft: process.ending != nil)
      }
      let pause = hasFailed ? .zero : min(left, run?.left ?? left, Child.glance)
      if let readiness = try poll(sending: sending, for: pause) { return readiness }
      guard !hasFailed else { throw gone("standard output") }
      // What it wrote before it ended may have come meanwhile. One that ended well may have left another to answer.
      hasFailed = process.ending.map { $0 != .exited(0) } ?? false
    }
  }

  /// Which pipes something can be done with, or nil if that is so of none within so long.
  private func poll(sending: Bool, for pause: Duration) throws(WorkerFault) -> Readiness? {
    try withUnsafeTemporaryAllocation(of: pollfd.self, capacity: 3) {
      polled -> Result<Readiness?, WorkerFault> in
      polled[0] = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
      polled[1] = pollfd(fd: errorsEnded ? -1 : errors, events: Int16(POLLIN), revents: 0)
      polled[2] = pollfd(fd: sending ? input : -1, events: Int16(POLLOUT), revents: 0)
      let count = Machine.poll(polled.baseAddress, 3, Int32((pause / .milliseconds(1)).rounded(.up)))
      if count < 0 && errno != EINTR { return .failure(.system(SystemFailure("poll"))) }
      guard count > 0 else { return .success(nil) }
      return .success(
        Readiness(
          takes: polled[2].revents != 0, gives: polled[0].revents != 0, complains: polled[1].revents != 0))
    }.get()
  }

  private func send(_ request: [UInt8], from start: Int) throws(WorkerFault) -> Int {
    let count = request.withUnsafeBytes { write(input, $0.baseAddress! + start, $0.count - start) }
    if count >= 0 { return count }
    if errno == EAGAIN || errno == EINTR { return 0 }
    // It reads no more: how it ended says more than this.
    throw errno == EPIPE ? gone("standard input") : .system(SystemFailure("write"))
  }

  private func receive(at start: Int, upTo needed: Int) throws(WorkerFault) -> Int {
    let count = buffer.withUnsafeMutableBytes { read(output, $0.baseAddress! + start, needed - start) }
    if count > 0 { return count }
    if count < 0 && (errno == EAGAIN || errno == EINTR) { return 0 }
    throw count == 0 ? gone("standard output") : .system(SystemFailure("read"))
  }

  /// Takes what is there of the complaints, to the last word of a process that has ended.
  func readComplaints() {
    var bytes = [UInt8](repeating: 0, count: 4096)
    // As much as a pipe holds: one that never stops complaining must not keep its reply from being read.
    for _ in 0..<256 {
      let count = read(errors, &bytes, bytes.count)
      guard count > 0 else {
        if count == 0 { errorsEnded = true }
        return
      }
      complaints.append(bytes.prefix(count))
    }
  }

  /// A closed pipe: its process has ended or is about to, or it closed that itself.
  private func gone(_ stream: String) -> WorkerFault {
    let ending = process.end(after: .milliseconds(300))
    readComplaints()
    return ending.map { .ended($0) } ?? .closed(stream)
  }
}
