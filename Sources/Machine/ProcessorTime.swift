/// Time that a processor has spent, whatever else ran beside.
package enum ProcessorTime {
  /// Of the thread that asks.
  package static var ofThread: Duration {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }
}
