import Foreign

extension Command {
  /// The other end of a pipe whose cost is measured.
  static let echo = Command(
    name: "echo", operands: "", summary: "answer frames and compute nothing", flags: []
  ) {
    arguments, _ in
    try arguments.noOperands()
    try Echo.answer()
    return .nothing
  }
}
