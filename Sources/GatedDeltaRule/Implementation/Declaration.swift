/// What an implementation says of itself.
public struct Declaration: Hashable, Sendable {
  /// The form of the algorithm, on which its rounding errors depend.
  public enum Form: Hashable, Sendable {
    /// One token after the other.
    case sequential
    /// UT/WY over chunks of this many tokens.
    case chunked(length: Int)
  }

  /// A floor under the decay, with a zero gradient below it: a documented deviation from the rule.
  public enum Clamp: Hashable, Sendable {
    case none
    /// g := max(g, floor), and dg = 0 where g <= floor.
    case decay(floor: Double)
    /// g := max(g, floor) on the way to the outputs alone: gradients are those of the rule without a floor.
    case forwardDecay(floor: Double)
    /// log g := max(log g, floor), and its gradient is 0 where log g < floor.
    case logDecay(floor: Double)
  }

  /// The form of the algorithm.
  public var form: Form
  /// The floor under the decay.
  public var clamp: Clamp
  /// The format that beta is rounded to inside, once, to nearest and ties to even, if coarser than the working
  /// precision. The reference rounds it too.
  public var betaPrecision: Precision
  /// The format that g is rounded to inside, likewise.
  public var decayPrecision: Precision
  /// The format that exp(-|b|) is rounded to inside the sigmoid that makes beta, if coarser than the working precision.
  public var sigmoidPrecision = Precision.fp32
  /// The format that q and k are normalised and scaled in, and rounded to afterwards, where the contract asks for that, if
  /// coarser than the working precision. Nil where nothing is said: then they are not rounded.
  public var queryKeyPrecision: Precision?
  /// The format that each value head's share of dq and dk is rounded to before a group is summed, and that the
  /// sum is formed in, if coarser than the working precision. dk has two shares in each head, from the read and from
  /// the write.
  public var headPrecision: Precision
  /// The format that the operands of matrix products, and what goes from one product to the next, are rounded to, if
  /// coarser than the working precision; sums stay in that. Chunked form only.
  public var products = ProductFormat.fp32
  /// What it says of how its chunks are put together, if anything.
  public var arrangement: Arrangement?
  /// What an error may always be, relative to the largest element of its tensor: the true value vanishes here and
  /// there, and terms that cancel then leave their rounding. A gradient by g counts as one by log g, and a gradient
  /// by a gate may also be off by what any gate of its tensor may.
  public var floor = 0.0
  /// Whether it also runs in fp64 from the same source.
  public var offersDouble: Bool
  /// Gradients that it does not have: they are not missed. What is not named here is asked for.
  public var withoutGradients: Set<Quantity> = []
  /// Whether the same numbers added in the same order give the same bits wherever they stand: alone or in a batch,
  /// beside a pad, in one call or two, whatever comes after them.
  public var promisesBits: Bool
  /// Where else the same bits are promised: less than `promisesBits`, which covers all of it.
  public var promises: Set<Promise> = []
  /// The rule that it computes: a problem of another is not for it. Nil where it computes whichever a problem asks for.
  public var contract: Contract?
  /// Which steps of a session it takes as they are; by default none, so that a session comes to it in plain calls.
  public var steps: OfferedSteps = []
  /// A control is known to fail and runs to show that the detector works.
  public var isControl: Bool
  /// What it shares its arithmetic with, so that the same bits are no news: implementations of one kin, by a name for
  /// it. Others that answer the same bits case after case are taken for one asked twice.
  public var kin: String?

  /// The plainest: sequential, no clamp, fp32 throughout.
  public init(
    form: Form = .sequential, clamp: Clamp = .none, betaPrecision: Precision = .fp32,
    decayPrecision: Precision = .fp32, headPrecision: Precision = .fp32, offersDouble: Bool = true,
    promisesBits: Bool = false, isControl: Bool = false, kin: String? = nil, contract: Contract? = .plain
  ) {
    self.form = form
    self.clamp = clamp
    self.betaPrecision = betaPrecision
    self.decayPrecision = decayPrecision
    self.headPrecision = headPrecision
    self.offersDouble = offersDouble
    self.promisesBits = promisesBits
    self.isControl = isControl
    self.kin = kin
    self.contract = contract
  }
}

extension Declaration.Clamp {
  /// What outputs are held by.
  package var ofOutputs: Declaration.Clamp {
    if case .forwardDecay(let floor) = self { .decay(floor: floor) } else { self }
  }

  /// What gradients are held by.
  package var ofGradients: Declaration.Clamp { hasTwoRules ? .none : self }

  /// Whether outputs and gradients are those of two rules, wherever a decay is held.
  package var hasTwoRules: Bool { if case .forwardDecay = self { true } else { false } }
}
