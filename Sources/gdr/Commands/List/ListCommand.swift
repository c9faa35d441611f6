import GatedDeltaRule

extension Command {
  /// `gdr list`.
  static let list = Command(
    name: "list", operands: "", summary: "list the built-in implementations and what they refuse", flags: []
  ) { arguments, context in
    try arguments.noOperands()
    var table = Table(["name", "form", "clamp", "double"])
    let all = context.implementations + context.askedByName
    for implementation in all {
      let declaration = implementation.declaration
      table.add([
        .init(implementation.name), .init(declaration.form.text), .init(declaration.clamp.text),
        .init(declaration.offersDouble ? "yes" : "no"),
      ])
    }
    let lines = table.lines(on: context.console)
    context.console.say(lines[0])
    for (index, (line, implementation)) in zip(lines.dropFirst(), all).enumerated() {
      let limits = limits(of: implementation)
      let isAskedByName = index >= context.implementations.count
      context.console.say(
        "\(line)  \(implementation.summary)" + (implementation.declaration.isControl ? " (control)" : "")
          + (isAskedByName ? " (takes part only where --only names it)" : "")
          + (limits.isEmpty ? "" : "; refuses: \(limits.joined(separator: "; "))"))
    }
    return .nothing
  }
}

extension Declaration.Form {
  var text: String {
    switch self {
    case .sequential: "sequential"
    case .chunked(let length): "chunked:\(length)"
    }
  }
}

extension Declaration.Clamp {
  var text: String {
    switch self {
    case .none: "none"
    case .decay(let floor): "g >= \(short(floor))"
    case .forwardDecay(let floor): "g >= \(short(floor)) in y"
    case .logDecay(let floor): "log g >= \(short(floor))"
    }
  }
}
