/// Starts a program in a process group of its own: so that Ctrl-C is for this process alone, and so that it can be
/// ended together with what it started. Signals reach it as a shell would let them.
func spawn(_ words: [String], _ descriptors: [(ours: Int32, theirs: Int32)]) throws(SystemFailure) -> pid_t {
  #if canImport(Darwin)
    var actions: posix_spawn_file_actions_t?
    var attributes: posix_spawnattr_t?
  #else
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
  #endif
  posix_spawn_file_actions_init(&actions)
  posix_spawnattr_init(&attributes)
  defer {
    posix_spawn_file_actions_destroy(&actions)
    posix_spawnattr_destroy(&attributes)
  }
  for (ours, theirs) in descriptors { posix_spawn_file_actions_adddup2(&actions, ours, theirs) }
  // What is ignored or held back here is inherited.
  var (defaults, mask) = (sigset_t(), sigset_t())
  sigemptyset(&defaults)
  sigemptyset(&mask)
  for number in [SIGPIPE, SIGXFSZ, SIGINT, SIGTERM, SIGCHLD, SIGHUP, SIGQUIT] { sigaddset(&defaults, number) }
  posix_spawnattr_setsigdefault(&attributes, &defaults)
  posix_spawnattr_setsigmask(&attributes, &mask)
  posix_spawnattr_setpgroup(&attributes, 0)
  let flags = [POSIX_SPAWN_SETPGROUP, POSIX_SPAWN_SETSIGDEF, POSIX_SPAWN_SETSIGMASK].reduce(0) {
    $0 | Int32($1)
  }
  posix_spawnattr_setflags(&attributes, Int16(flags))

  let arguments: [UnsafeMutablePointer<CChar>?] = words.map { (word: String) in strdup(word) }
  defer { for argument in arguments { free(argument) } }
  var process: pid_t = 0
  let code = posix_spawn(&process, words[0], &actions, &attributes, arguments + [nil], environ)
  guard code == 0 else { throw SystemFailure("posix_spawn", code: code) }
  return process
}
