/// A function for bash 3.2 and later that completes gdr.
struct BashCompletion {
  let commands: [Command]
  let names: [String]

  var text: String {
    """
    # Completion of gdr for bash, as `gdr completion bash` prints it: eval "$(gdr completion bash)", or a file of this
    # name where bash-completion looks.
    _gdr() {
      local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]}
      local kind=words words= head= IFS=$' \\t\\n'
      # Where = ends a word, --flag=value is three of them.
      if [[ $cur == '=' ]]; then cur=
      elif [[ $prev == '=' ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi
      if (( COMP_CWORD == 1 )) || [[ $command == -* ]]; then command=\(Command.standard.name); fi
      case "$command $prev" in
    \(values)
      *)
        case "$COMP_CWORD $command $cur" in
        *' -'*) case $command in
    \(flags)
          esac
          if (( COMP_CWORD == 1 )); then words+=' --help --version -h -v'; fi ;;
        1\\ *) words='\(commands.map(\.name).joined(separator: " "))' ;;
    \(operands)
        *) kind=nothing ;;
        esac ;;
      esac
      COMPREPLY=()
      case $kind in
      words) COMPREPLY=($(compgen -W "$words" -- "$cur")) ;;
      list)
        if [[ $cur == *,* ]]; then head=${cur%,*},; fi
        COMPREPLY=($(compgen -P "$head" -W "$words" -- "${cur##*,}")) ;;
      files) IFS=$'\\n'; compopt -o filenames 2> /dev/null; COMPREPLY=($(compgen -f -- "$cur")) ;;
      folders) IFS=$'\\n'; compopt -o filenames 2> /dev/null; COMPREPLY=($(compgen -d -- "$cur")) ;;
      esac
    }
    complete -F _gdr gdr

    """
  }

  /// What may follow which flag of which command: one line for all places where it is the same.
  private var values: String {
    let places = commands.flatMap { command in
      command.flags.compactMap { flag in
        Completion(flag, names: names).map { (pattern: "'\(command.name) --\(flag.name)'", $0) }
      }
    }
    return BashCompletion.clauses(places, indent: 2)
  }

  private var flags: String {
    commands.map { command in
      "      \(command.name)) words='\((command.flags.map(\.name) + ["help"]).map { "--" + $0 }.joined(separator: " "))' ;;"
    }.joined(separator: "\n")
  }

  private var operands: String {
    let places = commands.flatMap { command in
      let (first, later) = command.operandCompletions(names: names)
      return [(pattern: "2\\ \(command.name)\\ *", first), (pattern: "*\\ \(command.name)\\ *", later)]
    }
    // What stands first is asked for first: a later operand's pattern fits the second word as well.
    return BashCompletion.clauses(places.filter { $0.pattern.hasPrefix("2") }, indent: 4) + "\n"
      + BashCompletion.clauses(places.filter { !$0.pattern.hasPrefix("2") }, indent: 4)
  }

  private static func clauses(_ places: [(pattern: String, completion: Completion)], indent: Int) -> String {
    let margin = String(repeating: " ", count: indent)
    let patterns = Dictionary(grouping: places, by: \.completion).mapValues { $0.map(\.pattern) }
    var seen: Set<Completion> = []
    return places.map(\.completion).filter { seen.insert($0).inserted }.map { completion in
      "\(margin)\((patterns[completion] ?? []).joined(separator: "|"))) \(action(completion)) ;;"
    }.joined(separator: "\n")
  }

  private static func action(_ completion: Completion) -> String {
    switch completion {
    case .nothing: "kind=nothing"
    case .words(let words): "words='\(words.joined(separator: " "))'"
    case .list(let words): "kind=list words='\(words.joined(separator: " "))'"
    case .files: "kind=files"
    case .folders: "kind=folders"
    }
  }
}
