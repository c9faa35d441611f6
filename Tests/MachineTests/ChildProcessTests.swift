import Foundation
import Machine
import Support
import Testing

@Suite struct ChildProcessTests {
  func child(_ script: String) throws -> ChildProcess {
    try ChildProcess(["/bin/sh", "-c", script], descriptors: [])
  }

  @Test(arguments: [
    ("exit 3", Ending.exited(3)), ("exit 0", .exited(0)), ("kill -TERM $$", .killed(SIGTERM)),
    ("sh -c 'kill -KILL $$'", .killed(SIGKILL)),
  ])
  func `a process that ends says how`(script: String, ending: Ending) throws {
    let child = try child(script)
    #expect(child.end(after: .seconds(20)) == ending)
    #expect(child.ending == ending && child.end() == ending)
  }

  @Test(arguments: [
    "exec sleep 600", "trap '' TERM INT HUP; sleep 600", "exec setsid -w sleep 600",
    "exec python3 -c 'import os, time; os.setpgid(0, os.getpgid(os.getppid())); time.sleep(600)'",
  ])
  func `one that does not end is killed, and is not said to have ended`(script: String) throws {
    let start = ContinuousClock.now
    let child = try child(script)
    #expect(child.ending == nil)
    #expect(child.end(after: .milliseconds(50)) == nil)
    #expect(child.end() == nil)
    #expect(.now - start < .seconds(10))
  }

  @Test func `a program that is not there is an error`() {
    #expect(throws: SystemFailure("posix_spawn", code: ENOENT)) {
      try ChildProcess(["/nowhere/program"], descriptors: [])
    }
  }

  @Test func `signals reach it although they are held back here`() throws {
    var (mask, before) = (sigset_t(), sigset_t())
    sigemptyset(&mask)
    sigaddset(&mask, SIGTERM)
    pthread_sigmask(SIG_BLOCK, &mask, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    #expect(try child("kill -TERM $$; sleep 600").end(after: .seconds(20)) == .killed(SIGTERM))
  }

  @Test func `a deadline passes at its instant, or when it is told to`() {
    let deadline = Deadline()
    #expect(!deadline.hasPassed && deadline.left > .seconds(1_000_000))
    deadline.set(.now + .seconds(100))
    #expect(!deadline.hasPassed && deadline.left <= .seconds(100))
    deadline.set(.now - .seconds(1))
    #expect(deadline.hasPassed)
    let other = Deadline()
    other.pass()
    #expect(other.hasPassed && other.left == .zero)
    other.set(.now + .seconds(100))
    #expect(other.hasPassed)
  }
}
