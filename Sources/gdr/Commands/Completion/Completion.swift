/// What may stand at a place of a command line, as far as a shell can complete it.
enum Completion: Hashable {
  /// Nothing that is known before.
  case nothing
  /// One of these.
  case words([String])
  /// Some of these, separated by commas.
  case list([String])
  case files
  case folders
}

extension Completion {
  /// What the usage text says of a place: `ci|nightly`, `FILE|FOLDER/`, `NAMES`, `RUN.json...`.
  ///
  /// - Parameter names: of the implementations.
  init(kind: String, names: [String]) {
    let text = kind.filter { !"[]".contains($0) }.replacing("...", with: "")
    let parts = text.split { "|,".contains($0) }.map { $0.hasSuffix("/") ? $0.dropLast() : $0 }
    let words = parts.filter(Completion.isWord).map(String.init)
    if parts.contains(where: Completion.isFile) {
      self = .files
    } else if parts.contains(where: { $0 == "FOLDER" || $0 == "DIRECTORY" }) {
      self = .folders
    } else if parts.contains(where: { $0 == "NAMES" }) {
      self = .list(names)
    } else if parts.contains(where: { $0 == "NAME" }) {
      self = .words(names)
    } else if !words.isEmpty {
      self = text.contains(",") ? .list(words) : .words(words)
    } else {
      self = .nothing
    }
  }

  /// What follows a flag; nil for one that takes no value.
  init?(_ flag: Flag, names: [String]) {
    guard let kind = flag.kind else { return nil }
    self = flag.words.isEmpty ? Completion(kind: kind, names: names) : .list(flag.words)
  }

  /// `bf16`, `python-session`: what is typed as it stands, and no example of a number.
  private static func isWord(_ part: some StringProtocol) -> Bool {
    part.first?.isLowercase == true && part.count > 1
      && part.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "-") }
  }

  /// `FILE`, `guard.json`, `RUN.json`.
  private static func isFile(_ part: some StringProtocol) -> Bool {
    part == "FILE" || part.contains(".") && !part.contains("/")
  }
}

extension Command {
  /// What may be its first operand, and what its later ones.
  func operandCompletions(names: [String]) -> (first: Completion, later: Completion) {
    guard verbs.isEmpty else { return (.words(verbs.map(\.name)), .files) }
    if name == Command.help.name { return (.words(Command.all.map(\.name)), .nothing) }
    let only = Completion(kind: operands, names: names)
    return (only, operands.contains("...") ? only : .nothing)
  }
}
