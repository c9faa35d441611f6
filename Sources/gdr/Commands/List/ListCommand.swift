import Foundation
import GatedDeltaRule

extension Command {
  /// `gdr list`.
  static let list = Command(
    name: "list", operands: "", summary: "list the built-in implementations and what they refuse",
    flags: [Flag("json", summary: "as JSON: an array with an object for each")]
  ) { arguments, context in
    try arguments.noOperands()
    let all =
      context.implementations.map { Listed($0, isAskedByName: false) }
      + context.askedByName.map { Listed($0, isAskedByName: true) }
    if arguments.has("json") {
      let data = try JSONEncoder.ofNumbers([.prettyPrinted, .withoutEscapingSlashes]).encode(all)
      context.console.give(String(decoding: data, as: UTF8.self))
      return .nothing
    }
    var table = Table(["name", "form", "clamp", "double"])
    for one in all {
      table.add([
        .init(one.name), .init(one.form), .init(one.clamp), .init(one.offersDouble ? "yes" : "no"),
      ])
    }
    let lines = table.lines(on: context.console)
    context.console.say(lines[0])
    for (line, one) in zip(lines.dropFirst(), all) {
      context.console.say(line)
      context.console.explain("    " + one.note)
    }
    return .nothing
  }
}

/// An implementation as `gdr list --json` shows it.
private struct Listed: Encodable {
  let name, summary, form, clamp: String
  /// Whether it also runs in fp64.
  let offersDouble: Bool
  /// Whether it is known to fail.
  let isControl: Bool
  /// Whether it takes part only where a flag names it.
  let isAskedByName: Bool
  /// Reasons, in its own words.
  let refuses: [String]

  init(_ implementation: any Implementation, isAskedByName: Bool) {
    let declaration = implementation.declaration
    (name, summary) = (implementation.name, implementation.summary)
    (form, clamp) = (declaration.form.text, declaration.clamp.text)
    (offersDouble, isControl) = (declaration.offersDouble, declaration.isControl)
    (self.isAskedByName, refuses) = (isAskedByName, limits(of: implementation))
  }

  /// What it is, in a line.
  var note: String {
    summary + (isControl ? " (control)" : "")
      + (isAskedByName ? " (takes part only where --only names it)" : "")
      + (refuses.isEmpty ? "" : "; refuses: \(refuses.joined(separator: "; "))")
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
