/// Which steps of a session an implementation takes as they are. Any other step is made of plain calls, with whoever asks
/// keeping the pool: so everybody takes part in sessions, and nobody is asked for what it does not have.
public struct OfferedSteps: OptionSet, Hashable, Sendable {
  /// A bit for each.
  public let rawValue: Int

  /// From bits.
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// Steps whose rows lie one after the other.
  public static let packed = OfferedSteps(rawValue: 1)
  /// Steps whose rows lie in a batch, padded at the end and masked.
  public static let padded = OfferedSteps(rawValue: 2)
  /// Steps that change no slot.
  public static let verify = OfferedSteps(rawValue: 4)
  /// Steps that keep the first tokens of the step before.
  public static let undo = OfferedSteps(rawValue: 8)
  /// Steps that copy a slot to another.
  public static let fork = OfferedSteps(rawValue: 16)
  /// The states behind every token, where they are wanted.
  public static let snapshots = OfferedSteps(rawValue: 32)
  /// No step of its own: the pool stays where the implementation is, and is handed over only when it is another.
  public static let keptPool = OfferedSteps(rawValue: 64)
  /// Packed steps with gradients, for training.
  public static let gradients = OfferedSteps(rawValue: 128)

  /// The steps by the words of a declaration, in their order.
  public static let names: [(name: String, steps: OfferedSteps)] = [
    ("packed", .packed), ("padded", .padded), ("verify", .verify), ("undo", .undo), ("fork", .fork),
    ("snapshots", .snapshots), ("gradients", .gradients),
  ]

  /// Whether there is any step of an engine that is taken.
  public var areAny: Bool { !subtracting([.keptPool, .gradients]).isEmpty }

  /// Whether this step is taken as it is.
  public func contains(_ step: Step) -> Bool {
    if step.wantsGradients { return contains(.gradients) }
    switch step.kind {
    case .keep: return contains(.undo)
    case .fork: return contains(.fork)
    case .advance, .verify:
      return contains(step.isPadded ? .padded : .packed) && (step.kind == .advance || contains(.verify))
        && (!step.wantsHistory || contains(.snapshots))
    }
  }
}
