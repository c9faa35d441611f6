import GatedDeltaRule

/// A clean specimen with one fault: whoever judges kernels must see it.
public struct Mutant: Sendable {
  /// What is wrong with it, roughly.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    case gates
    case recurrence
    case heads
    case masks
    case state
    case backward
    case chunk
    case channels
    case solve
    case chunkBackward = "chunk-backward"
    case precision
    case structure
    case sessions
  }

  /// Unique: the clean specimen and the fault.
  public let name: String
  /// Its class.
  public let kind: Kind
  /// One sentence: what is wrong.
  public let fault: String
  /// The real kernel's fault that it stands for: an issue, a pull request, a commit, or where it was seen.
  public let model: String
  /// The same without the fault.
  public let clean: any Implementation
  /// What a case must have for it to show.
  public var needs = Needs.nothing

  /// What a case must have.
  public enum Needs: Hashable, Sendable {
    /// Small cases do.
    case nothing
    /// More than four value heads to a key head, or 64 channels and more.
    case size
    /// Nothing has to be rounded in it: roundings that are declared hide the fault elsewhere.
    case exactness
    /// Several calls on a pool of states.
    case sessions
  }
  private let make: @Sendable (Mutant) -> any Implementation

  /// A fault in the arithmetic of a specimen.
  init(
    _ kind: Kind, _ clean: Specimen, _ point: Fault, _ fault: String, model: String
  ) {
    name = "\(clean.name)/\(Mutant.kebab(point.rawValue))"
    (self.kind, self.fault, self.model, self.clean) = (kind, fault, model, clean)
    make = { clean.with(point, named: $0.name, summary: $0.fault) }
  }

  /// A fault in what an engine does with its calls.
  init(_ clean: EngineSpecimen, _ point: SessionFault, _ fault: String, model: String) {
    name = "\(clean.name)/\(Mutant.kebab(point.rawValue))"
    (kind, self.fault, self.model, self.clean, needs) = (.sessions, fault, model, clean, .sessions)
    make = { clean.with(point, named: $0.name, summary: $0.fault) }
  }

  /// A fault around a specimen: in what it is given, in what it answers, or in what it keeps from call to call.
  init(
    _ kind: Kind, _ clean: Specimen, _ name: String, _ fault: String, model: String,
    alter: @escaping @Sendable (Call) throws -> Evaluation
  ) {
    self.name = "\(clean.name)/\(name)"
    (self.kind, self.fault, self.model, self.clean) = (kind, fault, model, clean)
    make = { Altered(name: $0.name, summary: $0.fault, clean: clean, alter: alter) }
  }

  /// The same, for cases that have this.
  func needing(_ needs: Needs) -> Mutant {
    var mutant = self
    mutant.needs = needs
    return mutant
  }

  /// A fresh one, which has seen no call yet.
  public func implementation() -> any Implementation { make(self) }

  /// `rateByKeyHead` as `rate-by-key-head`.
  static func kebab(_ name: String) -> String {
    var text = ""
    var isInCapitals = false
    for character in name {
      let isCapital = character.isUppercase || character.isNumber
      if isCapital && !isInCapitals { text += "-" }
      text += character.lowercased()
      isInCapitals = isCapital
    }
    return text
  }
}

extension Mutant {
  /// Every one.
  public static let all: [Mutant] =
    gates + recurrence + heads + masks + states + backward + chunks + channels + solves + chunkBackward
    + precision
    + gains + structure + sessions

  /// What they are without their faults: a check that fails one of these is wrong.
  public static let clean: [any Implementation] = Specimen.clean + EngineSpecimen.clean

  /// The mutant of this name.
  public static func named(_ name: String) -> Mutant? { all.first { $0.name == name } }
}
