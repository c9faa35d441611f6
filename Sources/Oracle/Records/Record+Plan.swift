import Foundation
import GatedDeltaRule
import Generator
import Machine

extension Record {
  /// What decides, together with an index, what is drawn and which implementations are evaluated.
  package struct Plan: Sendable, Hashable, Codable {
    /// One implementation under test.
    package struct UnderTest: Sendable, Hashable, Codable {
      /// What it is called.
      package var name: String
      /// Whether it is known to fail.
      package var isControl: Bool
      /// The command of a worker; nil for what is built in, and in records of format 1.
      package var command: String?
      /// A digest of what a worker declares: another declaration is judged by another bound.
      package var declares: String?
      /// Gradients that it declares not to have, by their wire names; nil for none.
      package var withoutGradients: [String]?
    }

    /// From which every case is drawn.
    package var seed: UInt64
    /// How large the cases are.
    package var size: String
    /// Whether keys that are not normalised, and beta above 1, are drawn.
    package var includesRawKeys, includesWideWrites: Bool
    /// The families that cases are drawn from; nil if any.
    package var families: [String]?
    /// The level, the kind of decay and the formats that cases have alone; nil for any.
    package var level: String?
    package var decay: String?
    package var formats: [String]?
    /// Whether no case has a mask; nil for no.
    package var withoutMasks: Bool?
    /// The chunk that steers the tokens; nil if none.
    package var chunk: Int?
    /// By what they are judged in place of what they declare; nil for what they declare.
    package var law: String?
    /// The rule that they are said to compute in place of what they declare; nil for what they declare.
    package var contract: String?
    /// The rule that every case asks for; nil for the plain one, and where `contractShare` says otherwise.
    package var asked: String?
    /// The share of cases that ask for a rule that is drawn; nil for none.
    package var contractShare: Double?
    /// The share of cases in which nothing has to be rounded; nil for none, and in records from before there were any.
    package var exactShare: Double?
    /// The share of cases that come in several calls; nil for none, and in records from before there were any.
    package var sessionShare: Double?
    /// The implementations under test.
    package var implementations: [UnderTest]
    /// Cases of the whole run; nil if it ended by the clock.
    package var cases: Int?
    /// Into how many the run was cut.
    package var shards: Int
    /// Findings of one signature that are reduced.
    package var reducedPerSignature: Int
    /// The version of recipes.
    package var recipes: String

    private enum CodingKeys: String, CodingKey {
      case seed, size, includesRawKeys, includesWideWrites, families, level, decay, formats, withoutMasks
      case chunk, law, contract, asked, contractShare, exactShare, sessionShare, cases, shards
      case reducedPerSignature, recipes
      case implementations = "accused"
    }
  }
}

extension Record.Plan {
  /// What is recorded of a plan.
  package init(_ plan: Campaign.Plan) {
    (seed, size) = (plan.seed, plan.profile.size.rawValue)
    (includesRawKeys, includesWideWrites) = (plan.profile.includesRawKeys, plan.profile.includesWideWrites)
    let families = plan.profile.families.map(\.description)
    self.families = families.isEmpty ? nil : families
    let restriction = plan.profile.restriction
    (level, decay) = (restriction.level?.rawValue, restriction.decayKind?.rawValue)
    formats = restriction.precisions.isEmpty ? nil : restriction.precisions.map(\.rawValue)
    withoutMasks = restriction.excludesMasks ? true : nil
    (chunk, law, contract) = (plan.profile.chunk, plan.law, plan.contract)
    switch plan.profile.contracts {
    case .one(.plain): break
    case .one(let contract): asked = contract.description
    case .drawn(let share): contractShare = share
    }
    exactShare = plan.profile.exactShare > 0 ? plan.profile.exactShare : nil
    sessionShare = plan.profile.sessionShare > 0 ? plan.profile.sessionShare : nil
    implementations = plan.implementations.map { UnderTest($0, command: plan.commands[$0.name]) }
    (cases, shards) = (plan.cases, plan.shards)
    (reducedPerSignature, recipes) = (plan.shrunkPerSignature, Recipe.version)
  }

  /// Which cases were asked for.
  package var profile: Profile {
    var profile = Profile(
      size: Profile.Size(rawValue: size) ?? .standard, includesRawKeys: includesRawKeys,
      includesWideWrites: includesWideWrites)
    profile.chunk = chunk
    profile.families = (families ?? []).compactMap { try? Family($0) }
    profile.restriction.level = level.flatMap(Level.init)
    profile.restriction.decayKind = decay.flatMap(DecayKind.init)
    profile.restriction.precisions = (formats ?? []).compactMap(Precision.init)
    profile.restriction.excludesMasks = withoutMasks ?? false
    profile.exactShare = exactShare ?? 0
    profile.sessionShare = sessionShare ?? 0
    if let contract = asked.flatMap({ try? Contract($0) }) { profile.contracts = .one(contract) }
    if let contractShare { profile.contracts = .drawn(share: contractShare) }
    return profile
  }

  /// A clause that says in what two plans differ, or nil. Where an implementation has no command in one of them, it is
  /// not compared: it may be of a record that did not have it.
  package func difference(from other: Record.Plan) -> String? {
    func differ(_ what: String, _ own: some CustomStringConvertible, _ their: some CustomStringConvertible)
      -> String?
    {
      "\(own)" == "\(their)" ? nil : "\(what) is \(own) in one and \(their) in the other"
    }
    func text(_ all: [UnderTest]) -> String { all.map(\.name).joined(separator: ", ") }
    func text(_ families: [String]?) -> String { families?.joined(separator: ",") ?? "any" }
    let differences = [
      differ("the seed", seed, other.seed), differ("the size", size, other.size),
      differ("the number of shards", shards, other.shards),
      differ("the list of implementations", text(implementations), text(other.implementations)),
      differ("the law", law ?? "what is declared", other.law ?? "what is declared"),
      differ("the contract", contract ?? "what is declared", other.contract ?? "what is declared"),
      differ("the rule that is asked for", asked ?? "plain", other.asked ?? "plain"),
      differ("the share of drawn contracts", contractShare ?? 0, other.contractShare ?? 0),
      differ("the share of exact cases", exactShare ?? 0, other.exactShare ?? 0),
      differ("the share of sessions", sessionShare ?? 0, other.sessionShare ?? 0),
      differ("the list of families", text(families), text(other.families)),
      differ("the level", level ?? "any", other.level ?? "any"),
      differ("the kind of decay", decay ?? "any", other.decay ?? "any"),
      differ("the list of formats", text(formats), text(other.formats)),
      differ("what is drawn of masks", maskWord, other.maskWord),
      differ("the declared chunk", chunk.map(String.init) ?? "none", other.chunk.map(String.init) ?? "none"),
      differ("the number of cases", cases.map(String.init) ?? "open", other.cases.map(String.init) ?? "open"),
    ].compactMap(\.self)
    return differences.first
      ?? zip(implementations, other.implementations).lazy.compactMap { $0.difference(from: $1) }.first
      ?? (withoutCommands == other.withoutCommands ? nil : "the plans differ")
  }

  private var maskWord: String { withoutMasks == true ? "none" : "any" }

  private var withoutCommands: Record.Plan {
    var plan = self
    for index in implementations.indices {
      (plan.implementations[index].command, plan.implementations[index].declares) = (nil, nil)
    }
    return plan
  }

  /// What a person adds to `gdr replay RECIPE` for one of the implementations.
  package func replayFlags(of name: String) -> String {
    let command = implementations.first { $0.name == name }?.command
    return Report.replayFlags(name, command: command, law: law, contract: contract)
  }

  /// A few letters that tell plans apart in file names.
  package var digest: String {
    let data = (try? Record.encoder.encode(self)) ?? .init()
    return String(Checksum.of(data).prefix(8))
  }
}

extension Record.Plan.UnderTest {
  init(_ implementation: any Implementation, command: String?) {
    (name, isControl) = (implementation.name, implementation.declaration.isControl)
    self.command = command
    declares = command.map { _ in Checksum.of(implementation.declaration.text) }
    let missing = implementation.declaration.withoutGradients.map(\.rawValue).sorted()
    withoutGradients = missing.isEmpty ? nil : missing
  }

  fileprivate func difference(from other: Self) -> String? {
    guard let command, let theirs = other.command else { return nil }
    guard command == theirs else {
      return "the command of \(name) is '\(command)' in one and '\(theirs)' in the other"
    }
    return declares == other.declares ? nil : "\(name) declares something else in the other"
  }
}
