import Foundation
import Support
import Testing
import gdr

@Suite final class CompletionTests {
  let folder = TemporaryFolder()

  private static func isInstalled(_ shell: Shell) -> Bool {
    ["/bin", "/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"].contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/\(shell.rawValue)")
    }
  }

  /// The script in a file.
  private func script(_ shell: Shell) throws -> String {
    let result = run(["completion", shell.rawValue])
    #expect(result.code == .nothing)
    return try folder.write(
      Data((result.out.joined(separator: "\n") + "\n").utf8), to: "gdr.\(shell.rawValue)")
  }

  /// What a shell prints, line by line.
  private func lines(_ shell: Shell, _ arguments: [String]) throws -> [String] {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [shell.rawValue] + arguments
    process.currentDirectoryURL = URL(filePath: folder.path)
    let (output, error) = (Pipe(), Pipe())
    (process.standardOutput, process.standardError) = (output, error)
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let complaint = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0 && complaint.isEmpty, "\(complaint)")
    return text.split(separator: "\n").map(String.init)
  }

  @Test(arguments: Shell.allCases)
  func `a script has every command and every flag`(shell: Shell) throws {
    let text = try String(contentsOfFile: script(shell), encoding: .utf8)
    for command in Command.all {
      #expect(text.contains(command.name))
      for flag in command.flags {
        #expect(text.contains(shell == .fish ? "-l \(flag.name)" : "--\(flag.name)"), "\(flag.name)")
      }
    }
  }

  @Test(.enabled(if: isInstalled(.bash))) func `bash completes commands, flags and values`() throws {
    let script = try script(.bash)
    #expect(try lines(.bash, ["-n", script]).isEmpty)
    try folder.write(Data(), to: "case one.safetensors")
    for (words, expected) in [
      (["fu"], ["fuzz"]), (["--vers"], ["--version"]), (["--prof"], ["--profile"]),
      (["fuzz", "--prof"], ["--profile"]), (["fuzz", "--profile", ""], ["ci", "nightly"]),
      (["fuzz", "--size", "=", "la"], ["large"]), (["fuzz", "--size", "="], ["small", "standard", "large"]),
      (["--size", "sm"], ["small"]), (["fuzz", "--only", "stub,st"], ["stub,stub"]),
      (["fuzz", "--seed", ""], []), (["corpus", "pr"], ["prune", "promote"]),
      (["completion", ""], ["bash", "zsh", "fish"]), (["help", "conf"], ["conform"]),
      (["map", "s"], ["stub"]),
      (["check", "ca"], ["case one.safetensors"]), (["eval", "x", "--to", "ca"], ["case one.safetensors"]),
      (["claims", "--only", "history"], ["history-buffer"]), (["list", "x"], []),
    ] {
      let quoted = words.map { "'\($0)'" }.joined(separator: " ")
      let program =
        "source '\(script)'; COMP_WORDS=(gdr \(quoted)); COMP_CWORD=\(words.count); _gdr; printf '%s\\n' \"${COMPREPLY[@]}\""
      #expect(try lines(.bash, ["-c", program]) == expected, "\(words)")
    }
  }

  @Test(.enabled(if: isInstalled(.fish))) func `fish completes commands, flags and values`() throws {
    let script = try script(.fish)
    for (line, expected) in [
      ("gdr fu", ["fuzz"]), ("gdr fuzz --prof", ["--profile"]), ("gdr fuzz --profile ", ["ci", "nightly"]),
      ("gdr corpus pr", ["promote", "prune"]), ("gdr completion ", ["bash", "fish", "zsh"]),
      ("gdr help conf", ["conform"]), ("gdr claims --only history", ["history-buffer"]),
    ] {
      let found = try lines(.fish, ["--no-config", "-c", "source '\(script)'; complete -C '\(line)'"])
      #expect(found.map { $0.prefix { $0 != "\t" } }.sorted() == expected.map { $0[...] }, "\(line)")
    }
  }

  /// Keys are typed at an interactive shell behind a terminal of its own.
  @Test(.enabled(if: isInstalled(.zsh))) func `zsh completes commands, flags and values`() throws {
    let script = try script(.zsh)
    #expect(try lines(.zsh, ["-n", script]).isEmpty)
    for (line, expected) in [
      ("gdr fu", "gdr fuzz"), ("gdr fuzz --prof", "gdr fuzz --profile="),
      ("gdr fuzz --profile=ni", "gdr fuzz --profile=nightly"), ("gdr corpus prom", "gdr corpus promote"),
      ("gdr claims --only history", "gdr claims --only history-buffer"),
      ("gdr completion f", "gdr completion fish"),
      ("gdr help conf", "gdr help conform"),
    ] {
      let typed = """
        zmodload zsh/zpty
        zpty shell zsh -f -i
        zpty -w shell "PS1= PROMPT_EOL_MARK= ; stty -echo; autoload -Uz compinit; compinit -u -d '\(folder.path)/dump'; source '\(script)'; show() { print -r -- \\"<\\$BUFFER>\\"; exit }; zle -N show; bindkey '^X' show; print -r -- rea''dy"
        zpty -r shell text '*ready*'
        zpty -n -w shell $'\(line)\\t\\C-x'
        zpty -r shell text '*<*>*'
        print -r -- ${${text##*<}%%>*}
        """
      let found = try lines(.zsh, ["-f", "-c", typed])
      // A list may go on after a comma, a command after a space.
      #expect(found.last?.trimmingCharacters(in: CharacterSet(charactersIn: " ,")) == expected, "\(line)")
    }
  }

  @Test func `a shell that is none is one line and 64`() {
    for (words, line) in [
      (["completion"], "gdr: bash, zsh or fish is missing"),
      (["completion", "tcsh"], "gdr: 'tcsh' is not one of bash, zsh, fish"),
    ] {
      let result = run(words)
      #expect(result.code == .usage)
      #expect(result.error == [line])
    }
  }
}
