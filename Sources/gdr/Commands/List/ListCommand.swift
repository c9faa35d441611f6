import GatedDeltaRule

extension Command {
  /// `gdr list`.
  static let list = Command(
    name: "list", operands: "", summary: "the implementations that are built in", flags: []
  ) { arguments, desk in
    try arguments.noOperands()
    var table = Table(["name", "form", "clamp", "double"])
    for subject in desk.subjects {
      let declaration = subject.declaration
      table.add([
        .init(subject.name), .init(declaration.form.text), .init(declaration.clamp.text),
        .init(declaration.offersDouble ? "yes" : "no"),
      ])
    }
    let lines = table.lines(on: desk.console)
    desk.console.say(lines[0])
    for (line, subject) in zip(lines.dropFirst(), desk.subjects) {
      let limits = limits(of: subject)
      desk.console.say(
        "\(line)  \(subject.summary)" + (subject.declaration.isControl ? " (control)" : "")
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
    case .logDecay(let floor): "log g >= \(short(floor))"
    }
  }
}
