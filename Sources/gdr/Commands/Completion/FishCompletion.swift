/// Lines for fish that complete gdr.
struct FishCompletion {
  let commands: [Command]
  let names: [String]

  var text: String {
    let head = [
      "# Completion of gdr for fish, as `gdr completion fish` prints it:",
      "# gdr completion fish > ~/.config/fish/completions/gdr.fish", "complete -c gdr -f",
      "complete -c gdr -n __fish_use_subcommand -s v -l version -d 'the version'",
      "complete -c gdr -n __fish_use_subcommand -s h -l help -d 'the commands'",
    ]
    let names = commands.map { command in
      "complete -c gdr -n __fish_use_subcommand -a \(command.name) -d \(FishCompletion.quoted(command.summary))"
    }
    // Flags without a command are those of one.
    let bare = commands.filter { $0.name == Command.standard.name }.flatMap {
      flags(of: $0, where: "__fish_use_subcommand")
    }
    let rest = commands.flatMap { command in
      let place = "'__fish_seen_subcommand_from \(command.name)'"
      return flags(of: command, where: place) + operands(of: command, where: place)
    }
    return (head + names + bare + rest).joined(separator: "\n") + "\n"
  }

  private func flags(of command: Command, where place: String) -> [String] {
    command.flags.map { flag in
      let value = Completion(flag, names: names).map(FishCompletion.value) ?? ""
      return "complete -c gdr -n \(place) -l \(flag.name)\(value) -d \(FishCompletion.quoted(flag.summary))"
    }
  }

  private func operands(of command: Command, where place: String) -> [String] {
    let (first, later) = command.operandCompletions(names: names)
    var completions = [first]
    if later != first { completions.append(later) }
    return completions.filter { $0 != .nothing }.map {
      "complete -c gdr -n \(place)" + FishCompletion.action($0)
    }
  }

  /// After a flag: nothing but that.
  private static func value(_ completion: Completion) -> String {
    (completion == .files ? " -r" : " -x") + action(completion)
  }

  private static func action(_ completion: Completion) -> String {
    switch completion {
    case .nothing: ""
    case .words(let words), .list(let words): " -a \(quoted(words.joined(separator: " ")))"
    case .files: " -F"
    case .folders: " -a '(__fish_complete_directories)'"
    }
  }

  private static func quoted(_ text: String) -> String {
    "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
  }
}
