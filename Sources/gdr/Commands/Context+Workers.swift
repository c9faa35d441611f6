import Foreign
import Foundation
import GatedDeltaRule
import Generator
import Machine
import Oracle

extension Flag {
  /// How a program of any language becomes an implementation under test.
  static let against: [Flag] = [
    Flag(
      "against", "NAME=COMMAND", repeats: true,
      summary: "test a worker in any language, beside what --only names"),
    Flag(
      "deadline", "60s",
      summary: "time that a worker has for one problem (60s); three times that, or 30s, for the first reply"),
    Flag(
      "as", "LAW",
      summary: "judge by chunked:64,products:bf16, or plain, bf16, fp16, tf32, input, whatever is declared"),
    Flag(
      "contract", "RULE",
      summary: "which rule is asked for: gate=bounded:-5,qk=l2norm:1e-6,scale=rsqrt, whatever is declared"),
  ]
}

extension Flag {
  /// For workers that share a device.
  static let processes = Flag(
    "processes", "N", needs: "against",
    summary:
      "processes of one worker at once: 1 where all share a GPU (what it says of itself, or one a thread)")

  /// For kernels that are compiled for every shape.
  static let families = Flag(
    "families", "Hk1-Hv2-Dk64-Dv64/bf16,...", summary: "draw heads, channels and formats from these only")
}

extension Context {
  /// The same with the workers of `--against` at the end of the list.
  ///
  /// - Parameters:
  ///   - inFlight: where the recipes that are being evaluated are written down.
  ///   - run: when nobody waits for an answer any more.
  ///   - isBlind: whether they are not told which case they are asked.
  /// - Throws: `UsageError`, or `BadFile` for one that never says who it is.
  func withWorkers(
    of arguments: Arguments, inFlight: InFlight? = nil, until run: Deadline? = nil, isBlind: Bool = false
  ) throws -> Context {
    let pairs = arguments.all("against")
    let patience = try arguments.duration("deadline").map(Program.Patience.init(problem:)) ?? .init()
    let processes = try arguments.processes()
    let law = try arguments.law()
    let contract = try arguments.contract()
    guard !pairs.isEmpty else { return under(contract).under(law, workers: []) }
    var programs: [Program] = []
    for pair in pairs {
      let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, parts[0].allSatisfy(Context.isNameCharacter) else {
        throw UsageError.notAWorker(pair)
      }
      guard !(implementations.map(\.name) + programs.map(\.name)).contains(parts[0]) else {
        throw UsageError.nameTaken(parts[0])
      }
      let progress = JobProgress("waiting for the first reply of \(parts[0])")
      defer { progress.clear() }
      let program = Program(
        name: parts[0], command: parts[1], patience: patience, processes: processes, inFlight: inFlight,
        until: run, isBlind: isBlind)
      // A signal meanwhile; that the time was up is the worker's doing.
      if Interruption.isRequested { throw Interrupted() }
      if let failure = program.failure {
        throw BadFile(path: "--against \(program.name)", reason: failure)
      }
      programs.append(program)
    }
    var context = Context(
      implementations: implementations + programs, askedByName: askedByName, judge: judge, console: console,
      workers: programs.map(\.name), executable: executable)
    context.words = words
    return context.under(contract).under(law, workers: programs.map(\.name))
      .with { isBlind && programs.map(\.name).contains($0.name) ? Blind($0) : $0 }
  }

  /// The same with everything taken to compute a rule.
  private func under(_ contract: Contract?) -> Context {
    guard let contract else { return self }
    return with { UnderContract($0, contract) }
  }

  /// The same with the workers under a law; where there are none, with everything under it.
  private func under(_ law: Law?, workers: [String]) -> Context {
    guard let law else { return self }
    return with { workers.isEmpty || workers.contains($0.name) ? UnderLaw($0, law) : $0 }
  }

  /// The same with other implementations.
  func with(_ change: (any Implementation) -> any Implementation) -> Context {
    var context = Context(
      implementations: implementations.map(change), askedByName: askedByName.map(change), judge: judge,
      console: console, workers: workers, executable: executable)
    context.words = words
    return context
  }

  /// The commands of the workers, by their names.
  var commands: [String: String] {
    let programs = implementations.map(Context.innermost).compactMap { $0 as? Program }
    return Dictionary(programs.map { ($0.name, $0.command) }) { first, _ in first }
  }

  /// What a shell is given to start a worker; nil for what is built in.
  func command(of name: String) -> String? {
    commands[name]
  }

  /// What a person adds to `gdr replay RECIPE` for an implementation as it stands here.
  func replayFlags(of name: String) -> String {
    Report.replayFlags(
      name, command: command(of: name), law: law(of: name), contract: contract(of: name)) + patience
  }

  /// The deadline that was asked for: whoever hangs does so again.
  private var patience: String {
    guard let place = words.firstIndex(where: { $0 == "--deadline" || $0.hasPrefix("--deadline=") }) else {
      return ""
    }
    return " "
      + words[place...].prefix(words[place] == "--deadline" ? 2 : 1).map(\.shellWord).joined(separator: " ")
  }

  /// What an implementation is judged by in place of what it declares, as `--as` took it.
  func law(of name: String) -> String? {
    seen(name).flatMap { $0 as? UnderLaw }?.law.description
  }

  /// The rule that it is said to compute in place of what it declares, as `--contract` took it.
  private func contract(of name: String) -> String? {
    let judged = seen(name)
    let lawless = (judged as? UnderLaw)?.base ?? judged
    return (lawless as? UnderContract)?.contract.description
  }

  /// The implementation of this name, whether it sees which case it is asked or not.
  private func seen(_ name: String) -> (any Implementation)? {
    let named = implementations.first { $0.name == name }
    return (named as? Blind)?.base ?? named
  }

  /// What stands behind laws and contracts.
  static func innermost(_ implementation: any Implementation) -> any Implementation {
    var innermost = implementation
    while let wrapper = innermost as? any ImplementationWrapper { innermost = wrapper.base }
    return innermost
  }

  /// The implementation that a saved case is about, by the law that it was found under unless one was set by `--as`; nil
  /// for one that is not here.
  ///
  /// - Throws: `InvalidCase` where the law is none.
  func implementation(of finding: Finding) throws -> (any Implementation)? {
    let named = implementations.first { $0.name == finding.implementation }
    guard let named, let law = finding.law, !(seen(named.name) is UnderLaw) else { return named }
    return UnderLaw(named, try Law(law))
  }

  private static func isNameCharacter(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || "-_.".contains(character))
  }
}
