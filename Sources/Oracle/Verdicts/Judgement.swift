import GatedDeltaRule

/// A verdict and the figures behind it.
public struct Judgement: Hashable, Sendable {
  /// What the oracle says.
  public var verdict: Verdict
  /// Worst error over what is allowed, for each quantity answered.
  public var ratios: [Quantity: Double] = [:]
  /// The same, of the run in fp64.
  public var doubleRatios: [Quantity: Double] = [:]
  /// Whether a run in fp64 is offered and was not asked for, since fp32 passes without (see `DoubleRuns`).
  public internal(set) var leavesDoubleOut = false
  /// What the implementation counted.
  public var peakBytes: Int?
  /// The problem leaves the range of fp32 on the way, so that inf and NaN are accepted.
  public var isOverflow = false
  /// Nothing has to be rounded in the problem, so that no error is allowed.
  public var isExact = false
  /// Whether the verdict is that of the problem alone, so that looking for a simpler one makes sense.
  public var isRepeatable = true
  /// How far the declared clamp takes the answer from the rule without one: the error in the Frobenius norm
  /// relative to the quantity. Empty if no decay of the problem is held by the clamp.
  public var clampDeviation: [Quantity: Double] = [:]

  /// Whether the run came to its end before the answer did: nothing is known, and nothing is counted.
  public var wasInterrupted = false
  /// Whether there is not the memory to evaluate it: nothing is known either, and it is counted among what is refused.
  public var lacksMemory = false
  /// The worst error over the bound of fp32 throughout, form and clamp as declared; nil where that is the law anyway.
  public var plainRatio: Double?
  /// Results whose bound is so wide, beside the result, that agreeing with it says little, where no run in fp64 says more.
  public var uninformative: [Quantity] = []
  /// Results that are not answered and that an honest answer may be without.
  var excused: [Quantity] = []
  /// What is worth knowing beside the verdict, in a clause.
  public var note: String?

  /// A verdict without figures.
  public init(verdict: Verdict) { self.verdict = verdict }

  /// The worst quantity of the working run and its ratio; of equals the first in the order of the quantities.
  public var worst: (quantity: Quantity, ratio: Double)? {
    var worst: (quantity: Quantity, ratio: Double)?
    for quantity in Quantity.allCases {
      guard let ratio = ratios[quantity], !(ratio <= worst?.ratio ?? -.infinity) else { continue }
      worst = (quantity, ratio)
    }
    return worst
  }
}

extension Judgement {
  /// Error over bound of what disagreed most, where it is a number.
  var ratio: Double? {
    switch verdict {
    case .agrees(let ratio): ratio
    case .degraded(let disagreement), .disagrees(let disagreement):
      disagreement.ratio.isFinite ? disagreement.ratio : nil
    case .memory, .refused, .failed: nil
    }
  }

  /// The kind that a saved case records: why it disagrees or is degraded.
  var kind: String? {
    switch verdict {
    case .agrees, .refused: nil
    case .failed: Failure.noAnswer
    case .memory: Failure.memory
    case .degraded(let disagreement), .disagrees(let disagreement): disagreement.cause.rawValue
    }
  }

  /// The results that are past their bounds, in the working arithmetic or in fp64, in their order.
  var failing: [Quantity] {
    Quantity.allCases.filter { quantity in
      [ratios[quantity], doubleRatios[quantity]].contains { $0.map { !($0 <= 1) } ?? false }
    }
  }

  /// The result that disagreed most, if one did.
  var quantity: Quantity? {
    switch verdict {
    case .degraded(let disagreement), .disagrees(let disagreement): disagreement.quantity
    case .agrees, .memory, .refused, .failed: nil
    }
  }
}

extension Judgement {
  /// Of a problem that there is not the memory for.
  init(lackingMemory reason: String) {
    self.init(verdict: .refused(reason))
    lacksMemory = true
  }

  /// What was seen of the memory of the answer goes before its numbers: it is the cause, where they are wrong too.
  mutating func put(memory seen: [String]) {
    if !seen.isEmpty { verdict = .memory(seen, numbers: verdict) }
  }

  /// Of an answer that nobody waited for.
  init(_ interruption: Interrupted) {
    self.init(verdict: .refused(interruption.description))
    wasInterrupted = true
  }
}
