import Machine

/// What is wrong with a command line.
package enum UsageError: Error, Hashable, Sendable {
  case unknownCommand(String, nearest: String?)
  case unknownVerb(String, nearest: String?)
  case missingVerb(command: String, verbs: [String])
  case unknownShell(String, choices: [String])
  case unknownFlag(String, nearest: String?)
  case unknownImplementation(String, nearest: String?)
  case unknownMutant(String, nearest: String?)
  case unknownClaim(String, nearest: String?)
  case noImplementations
  case missingValue(flag: String, kind: String)
  case unexpectedValue(flag: String)
  case repeated(flag: String)
  case required(flag: String, kind: String)
  case alone(flag: String, without: String)
  case exclusive(flag: String, other: String)
  case missingOperand(String)
  case extraOperand(String)
  case notANumber(flag: String, text: String, range: ClosedRange<Int>)
  case notASeed(String)
  case notADuration(flag: String, text: String)
  case notAShard(String)
  case noShard(String)
  case notAWorker(String)
  case notOne
  case nameTaken(String)
  case notALaw(String)
  case notAContract(String)
  case contractsDiffer(String, String)
  case writesOverOperand(flag: String, String)
  case sameFile(flag: String, other: String, String)
  case wrongShelf(String, verdict: String)
  case familyOfFile(String)
  case tooLong(flag: String, bytes: Int, limit: Int)
  case notAChoice(flag: String, text: String, choices: [String])
  case notALayer(String)
  case severalFamilies(String)
  case notAWorkerHere(String, workers: [String])
  case noExactCases(String)
}

extension UsageError: CustomStringConvertible {
  /// One line for a person.
  package var description: String {
    switch self {
    case .unknownCommand(let name, let nearest): "unknown command \(quoted(name))" + hint(nearest)
    case .unknownVerb(let name, let nearest): "unknown verb \(quoted(name))" + hint(nearest)
    case .missingVerb(let command, let verbs):
      "what to do is missing: \(verbs.joined(separator: ", ")) (gdr help \(command))"
    case .unknownShell(let name, let choices):
      "\(quoted(name)) is not one of \(choices.joined(separator: ", "))"
    case .unknownFlag(let name, let nearest):
      "unknown flag \(quoted("--" + name))" + hint(nearest.map { "--" + $0 })
    case .unknownImplementation(let name, let nearest):
      "no implementation is called \(quoted(name))" + hint(nearest)
    case .unknownMutant(let name, let nearest):
      "no mutant and no class is called \(quoted(name))" + hint(nearest)
    case .unknownClaim(let name, let nearest): "no claim is called \(quoted(name))" + hint(nearest)
    case .noImplementations: "no implementation is built in"
    case .missingValue(let flag, let kind): "--\(flag) needs a value: --\(flag) \(kind)"
    case .unexpectedValue(let flag): "--\(flag) takes no value"
    case .repeated(let flag): "--\(flag) is given twice"
    case .required(let flag, let kind): "--\(flag) \(kind) is missing"
    case .alone(let flag, let other): "--\(flag) means nothing without --\(other)"
    case .exclusive(let flag, let other): "--\(flag) and --\(other) exclude each other"
    case .missingOperand(let kind): "\(kind) is missing"
    case .extraOperand(let text): "unexpected argument \(quoted(text))"
    case .notANumber(let flag, let text, let range):
      "--\(flag) \(quoted(text)) is not a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .notASeed(let text): "--seed \(quoted(text)) is not a whole number from 0 to \(UInt64.max)"
    case .notADuration(let flag, let text):
      "--\(flag) \(quoted(text)) is not a duration like 30s, 10m or 8h, of at most a century"
    case .wrongShelf(let shelf, let verdict):
      "a case graded '\(verdict)' does not belong to \(shelf): regression must pass, known must not"
    case .familyOfFile(let path): "--family is of a RECIPE, as the one in \(quoted(path))"
    case .tooLong(let flag, let bytes, let limit): "--\(flag) has \(bytes) bytes, at most \(limit) are kept"
    case .notAWorker(let text):
      "--against \(quoted(text)) is not NAME=COMMAND, NAME of letters, digits, '-', '_' and '.'"
    case .notOne: "one implementation is judged at a time: --against NAME=COMMAND, or --only NAME"
    case .nameTaken(let name): "there is an implementation \(quoted(name)) already"
    case .noExactCases(let reason): "no case is exact here: \(reason)"
    case .notALaw(let reason): "--as: \(reason)"
    case .notAContract(let reason): "--contract: \(reason)"
    case .contractsDiffer(let one, let other):
      "\(one), \(other): run them apart, or say --contract RULE"
    case .writesOverOperand(let flag, let path): "--\(flag) \(quoted(path)) would write over an operand"
    case .sameFile(let flag, let other, let path):
      "--\(flag) and --\(other) name the same file \(quoted(path))"
    case .notAShard(let text): "--shard \(quoted(text)) is neither auto nor k/n with 1 <= k <= n <= 1000000"
    case .noShard(let reason): "--shard auto: \(reason)"
    case .notAChoice(let flag, let text, let choices):
      choices.count == 1
        ? "--\(flag) must be \(choices[0]), not \(quoted(text))"
        : "--\(flag) must be one of \(choices.joined(separator: ", ")), not \(quoted(text))"
    case .notALayer(let text):
      "--layer must be Hk/Hv/Dk/Dv, Hv a multiple of Hk, as in 16/64/192/128, not \(quoted(text))"
    case .severalFamilies(let text): "--families must be one family here, not \(quoted(text))"
    case .notAWorkerHere(let name, let workers):
      "\(quoted(name)) is not a worker of --against: there \(workers.count == 1 ? "is" : "are") "
        + workers.joined(separator: ", ")
    }
  }

  private func hint(_ nearest: String?) -> String { nearest.map { "; did you mean '\($0)'?" } ?? "" }
}
