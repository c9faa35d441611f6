/// Something that computes the gated delta rule: the accused.
public protocol Implementation: Sendable {
  /// Unique and short: what a person types after `--only`.
  var name: String { get }
  /// One sentence: what it is.
  var summary: String { get }
  /// What it says of itself; the verdict is derived from it.
  var declaration: Declaration { get }
  /// The same for one problem: a rounding to the format of the inputs depends on it.
  func declaration(for problem: Problem) -> Declaration
  /// Why it will not take this problem, or nil.
  func refusal(of problem: Problem) -> String?
  /// Outputs and gradients. A throw is a finding like any other.
  func evaluate(_ problem: Problem, request: Request) throws -> Evaluation
  /// Leaves behind whatever earlier problems may have left in it.
  func startAfresh()
}

extension Implementation {
  /// The same for every problem.
  public func declaration(for problem: Problem) -> Declaration { declaration }
  /// What computes in this process keeps nothing.
  public func startAfresh() {}
}

/// What is asked of an implementation besides the problem.
public struct Request: Hashable, Sendable {
  /// The arithmetic to run in.
  public enum Arithmetic: String, Hashable, Sendable {
    /// The implementation's own, fp32 or less.
    case working
    /// The same algorithm in fp64, where it offers that.
    case double
  }

  /// Which arithmetic.
  public var arithmetic: Arithmetic
  /// Whether gradients are wanted as well.
  public var gradients: Bool
  /// The line that the problem was rendered from, where there is one: for logs, and for finding the case again
  /// after a crash.
  public var recipe: String?
  /// How many threads one evaluation may use; no result bit may depend on it.
  public var threads: Int

  /// By default everything, in the implementation's own arithmetic, on the calling thread.
  public init(
    arithmetic: Arithmetic = .working, gradients: Bool = true, recipe: String? = nil, threads: Int = 1
  ) {
    (self.arithmetic, self.gradients, self.recipe, self.threads) = (arithmetic, gradients, recipe, threads)
  }
}

/// Thrown by `evaluate` where only trying tells that this problem is not for it.
public struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
  /// One line.
  public let description: String

  /// With a reason in one line.
  public init(_ description: String) { self.description = description }
}

/// Thrown by `evaluate` where there is no answer: a crash, a hang, an answer that is none.
public struct Breakdown: Error, Hashable, Sendable, CustomStringConvertible {
  /// One line.
  public let description: String
  /// Whether the same problem breaks it again. If not, the fault is in what went before, and there is no simpler
  /// problem to look for.
  public let isRepeatable: Bool

  /// With what happened in one line.
  public init(_ description: String, isRepeatable: Bool = true) {
    (self.description, self.isRepeatable) = (description, isRepeatable)
  }
}

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
    /// log g := max(log g, floor), and its gradient is 0 where log g < floor.
    case logDecay(floor: Double)
  }

  /// The form of the algorithm.
  public var form: Form
  /// The floor under the decay.
  public var clamp: Clamp
  /// The format that beta is rounded to inside, if coarser than the working precision.
  public var betaPrecision: Precision
  /// The format that g is rounded to inside, if coarser than the working precision.
  public var decayPrecision: Precision
  /// The format that each value head's share of dq and dk is rounded to before a group is summed, and that the
  /// sum is formed in, if coarser than the working precision. dk has two shares in each head, from the read and from
  /// the write.
  public var headPrecision: Precision
  /// The format that the operands of matrix products, and what goes from one product to the next, are rounded to, if
  /// coarser than the working precision; sums stay in that. Chunked form only.
  public var products = ProductFormat.fp32
  /// What an error may always be, relative to the largest element of its tensor: the true value vanishes here and
  /// there, and terms that cancel then leave their rounding. A gradient by g counts as one by log g, and a gradient
  /// by a gate may also be off by what any gate of its tensor may.
  public var floor = 0.0
  /// Whether it also runs in fp64 from the same source.
  public var offersDouble: Bool
  /// Whether the same numbers added in the same order give the same bits wherever they stand: alone or in a batch,
  /// beside a pad, in one call or two.
  public var promisesBits: Bool
  /// A control is known to fail and runs to show that the detector works.
  public var isControl: Bool
  /// What it shares its arithmetic with, so that the same bits are no news: implementations of one kin, by a name for
  /// it. Others that answer the same bits case after case are taken for one asked twice.
  public var kin: String?

  /// The plainest: sequential, no clamp, fp32 throughout.
  public init(
    form: Form = .sequential, clamp: Clamp = .none, betaPrecision: Precision = .fp32,
    decayPrecision: Precision = .fp32, headPrecision: Precision = .fp32, offersDouble: Bool = true,
    promisesBits: Bool = false, isControl: Bool = false, kin: String? = nil
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
  }
}
