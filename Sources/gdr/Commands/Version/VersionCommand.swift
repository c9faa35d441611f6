import Machine

extension Command {
  /// `gdr version`: which program this is, and on what it runs.
  static let about = Command(
    name: "version", operands: "", summary: "the version, the revision it was built from, the machine",
    flags: []
  ) { arguments, context in
    try arguments.noOperands()
    let revision =
      switch Checkout.revision {
      case .built(let digits): "\(digits), and what was changed since and not committed, if anything"
      case .unknown(let reason): "not known: \(reason)"
      }
    context.console.say("gdr \(version)")
    context.console.say("revision: \(revision)")
    context.console.say("program: \(Executable.digest ?? "cannot be read") (a digest of its bytes)")
    context.console.say("machine: \(Computer.text)")
    return .nothing
  }
}
