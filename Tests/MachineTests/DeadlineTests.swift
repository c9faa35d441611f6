import Dispatch
import Machine
import Testing

struct DeadlineTests {
  @Test func `work in time comes to what it comes to`() {
    #expect(Deadline().outcome { 7 } == 7)
    #expect(outcome(by: nil) { 7 } == 7)
    let deadline = Deadline()
    deadline.set(.now + .seconds(60))
    #expect(deadline.outcome { "done" } == "done")
  }

  @Test(arguments: [true, false]) func `nobody waits for work past the end`(isSignalled: Bool) {
    let (deadline, gate) = (Deadline(), DispatchSemaphore(value: 0))
    if isSignalled { deadline.pass() } else { deadline.set(.now + .milliseconds(100)) }
    let start = ContinuousClock.now
    let outcome = deadline.outcome { gate.wait(timeout: .now() + .seconds(60)) }
    #expect(outcome == nil)
    #expect(.now - start < .seconds(30))
    gate.signal()
  }

  @Test func `work that is nearly done at the end is waited for`() {
    let deadline = Deadline()
    deadline.pass()
    #expect(deadline.outcome { 7 } == 7)
  }
}
