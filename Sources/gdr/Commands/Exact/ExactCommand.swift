import Oracle

extension Command {
  /// `gdr exact`: the engine of `gdr fuzz` on the cases in which nothing has to be rounded.
  ///
  /// It has no controls, which are unstable and not wrong, and no schedule, which evaluates them.
  static let exact = Command(
    name: "exact", operands: "",
    summary: "fuzz with the cases in which nothing has to be rounded: in 16 bits too any error is a fault",
    flags: fuzzFlags.filter { !["profile", "controls", "wide"].contains($0.name) }
  ) { arguments, context in
    try evaluateDrawnCases(arguments, context, exactShare: 1)
  }
}
