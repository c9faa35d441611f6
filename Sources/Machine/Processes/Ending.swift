/// How a process came to its end.
package enum Ending: Hashable, Sendable {
  /// By itself, with this status.
  case exited(Int32)
  /// By this signal.
  case killed(Int32)
  /// Somebody else took its status.
  case unknown

  /// From what `waitid` says; nil where nothing has ended.
  init?(_ information: siginfo_t) {
    guard information.si_signo != 0 else { return nil }
    #if canImport(Glibc)
      let status = information._sifields._sigchld.si_status
    #elseif canImport(Musl)
      let status = information.__si_fields.__si_common.__second.__sigchld.si_status
    #else
      let status = information.si_status
    #endif
    guard information.si_code == CLD_EXITED else {
      self = .killed(status)
      return
    }
    // A shell reports the signal that ended its command as 128 and its number.
    self = (129...159).contains(status) ? .killed(status - 128) : .exited(status)
  }
}
