/// What this process may have of something that the system counts (`ulimit`).
enum ResourceLimit {
  /// Bytes of addresses, files that are open at once.
  case addresses, files

  #if canImport(Glibc)
    private var number: __rlimit_resource_t {
      __rlimit_resource_t((self == .addresses ? RLIMIT_AS : RLIMIT_NOFILE).rawValue)
    }
  #else
    private var number: Int32 { self == .addresses ? RLIMIT_AS : RLIMIT_NOFILE }
  #endif

  /// How much, and how much this process may set it to; nil where the system does not say.
  var current: rlimit? {
    var limit = rlimit()
    return getrlimit(number, &limit) == 0 ? limit : nil
  }

  /// Sets it as far as that is allowed.
  func raise(to amount: rlim_t) {
    guard var limit = current, limit.rlim_cur < amount else { return }
    limit.rlim_cur = min(limit.rlim_max, amount)
    _ = setrlimit(number, &limit)
  }
}
