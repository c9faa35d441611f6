import Machine

/// A function for zsh that completes gdr.
struct ZshCompletion {
  let commands: [Command]
  let names: [String]

  var text: String {
    """
    #compdef gdr
    # Completion of gdr for zsh, as `gdr completion zsh` prints it: eval "$(gdr completion zsh)" after compinit, or a file
    # _gdr in a folder of $fpath.
    _gdr() {
      local command=$words[2]
      local -a commands=(
    \(commands.map { "    " + "\($0.name):\($0.summary)".inShellQuotes }.joined(separator: "\n"))
      )
      if (( CURRENT == 2 )) && [[ $command != -* ]]; then
        _describe -t commands 'command of gdr' commands
        return
      fi
      if [[ $command == -* ]]; then
        command=\(Command.standard.name)
      else
        shift words
        (( CURRENT-- ))
      fi
      case $command in
    \(commands.map(clause).joined(separator: "\n"))
      esac
    }
    if [[ $funcstack[1] == _gdr ]]; then _gdr "$@"; else compdef _gdr gdr; fi

    """
  }

  private func clause(_ command: Command) -> String {
    let (first, later) = command.operandCompletions(names: names)
    let flags = command.flags.map { flag -> String in
      let value = Completion(flag, names: names)
      let summary = flag.summary.replacing("[", with: "\\[").replacing("]", with: "\\]")
      let head = (flag.repeats ? "*" : "") + "--\(flag.name)" + (value == nil ? "" : "=") + "[\(summary)]"
      return head
        + (value.map { ":\(ZshCompletion.message(flag.kind ?? "")):\(ZshCompletion.action($0))" } ?? "")
    }
    let operands =
      (first == .nothing
        ? [] : ["1:\(ZshCompletion.message(command.operands)):\(ZshCompletion.action(first))"])
      + (later == .nothing
        ? [] : ["*:\(ZshCompletion.message(command.operands)):\(ZshCompletion.action(later))"])
    let specs = (flags + ["(- *)--help[what the flags mean]"] + operands).map(\.inShellQuotes)
    return "  \(command.name)) _arguments \\\n    " + specs.joined(separator: " \\\n    ") + " ;;"
  }

  private static func action(_ completion: Completion) -> String {
    switch completion {
    case .nothing: " "
    case .words(let words): "(\(words.joined(separator: " ")))"
    case .list(let words): "_values -s , name \(words.joined(separator: " "))"
    case .files: "_files"
    case .folders: "_files -/"
    }
  }

  /// A colon would end it.
  private static func message(_ text: String) -> String { text.replacing(":", with: "\\:") }
}
