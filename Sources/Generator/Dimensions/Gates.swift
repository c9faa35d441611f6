extension Recipe {
  /// The logarithm of the decay over time; 0 keeps everything, minus infinity forgets everything.
  ///
  /// At model level the input a is solved for, so that the layer arrives at the same decay up to rounding,
  /// whatever A_log and dt_bias are; only `input` states a + dt_bias itself.
  public enum DecayPattern: Hashable, Sendable {
    /// The same at every token. Exactly 0 makes ties of cumulative sums; -1e-3 rounds to 1 in bf16; -20 and
    /// -27.6 are clamps in use; -88 is subnormal and -104 is zero in fp32; minus infinity is a logarithm of 0.
    case constant(Double)
    /// g is 1e-12 as an fp32, moved by so many neighbours: where a clamp of g cuts its gradient.
    case clamp(neighbours: Int)
    /// One strong forget at this token, slow decay at the others: differences of a running sum cancel.
    case forget(at: Int, strong: Double, slow: Double)
    /// The last of every so many tokens is strong. A period of 2 alternates, for example 1 and 0.
    case every(period: Int, strong: Double, slow: Double)
    /// Strong in so many last tokens only: padding after a tail chunk must not lose it.
    case tail(rows: Int, strong: Double, slow: Double)
    /// Every token, head and channel for itself: the level times a power of ten between -spread and +spread.
    case random(level: Double, spread: Double)
    /// Strong with this chance, for every token, head and channel for itself; slow otherwise.
    case mixture(chance: Double, strong: Double, slow: Double)
    /// Model level: a + dt_bias is this, plus noise of this size. 88 and 95 overflow an exponential inside
    /// softplus, -200 underflows it, -17 and -20 are where log(1 + e) loses it.
    case input(Double, noise: Double)
  }

  /// beta, how much of the error is written: the slope of the delta rule.
  public enum WriteStrength: Hashable, Sendable {
    /// The same at every token, 0 to 1. At exactly 1 a token replaces what its key held, and 1 - beta loses
    /// every digit in its gradient; just below it equal keys are at their worst.
    case constant(Double)
    /// The sigmoid of this at every token. 1 + e^-b is exactly 1 from 17 on in fp32, from 37 on in fp64.
    case logit(Double)
    /// The sigmoid of a uniform draw from this range, for every token and head for itself.
    case logits(low: Double, high: Double)
    /// Uniform in this range, up to 2: a reflection, outside of what a sigmoid gives. Core level only, and
    /// drawn only where the profile asks for it.
    case wide(low: Double, high: Double)
  }

  /// The logarithm of the decay rate of each head, at model level.
  public enum RateLogarithm: Hashable, Sendable {
    /// The same for every head; 0 is a rate of 1, minus infinity no decay, 100 overflows fp32 when exponentiated.
    case constant(Double)
    /// log U(1, 16), different for every head, as models start: a head that reads its neighbour's shows.
    case heads
  }

  /// The bias of the gate's input, at model level.
  public enum GateBias: Hashable, Sendable {
    /// The same for every head.
    case constant(Double)
    /// Uniform in -4 to 2, different for every head and, with per-channel decay, every channel.
    case heads
  }
}

extension Recipe.DecayPattern: Dimension {
  static let field = "decay"
  static let forms = [
    Form("none"), Form("", "LOG_G"), Form("clamp", "NEIGHBOURS"), Form("forget", "TOKEN", "STRONG", "SLOW"),
    Form("every", "PERIOD", "STRONG", "SLOW"), Form("tail", "ROWS", "STRONG", "SLOW"),
    Form("random", "LEVEL", "SPREAD"), Form("mixture", "CHANCE", "STRONG", "SLOW"),
    Form("input", "X", "NOISE"),
  ]
  static let limits =
    "log g at most 0, LEVEL finite and below 0, SPREAD 0 to 10, PERIOD at least 2, ROWS at least 1, CHANCE 0 to 1, "
    + "NEIGHBOURS -100 to 100, X -1000 to 1000, NOISE 0 to 100"

  var clause: Clause {
    switch self {
    case .constant(0): Clause("none")
    case .constant(let level): Clause("", level)
    case .clamp(let neighbours): Clause("clamp", Double(neighbours))
    case .forget(let token, let strong, let slow): Clause("forget", Double(token), strong, slow)
    case .every(let period, let strong, let slow): Clause("every", Double(period), strong, slow)
    case .tail(let rows, let strong, let slow): Clause("tail", Double(rows), strong, slow)
    case .random(let level, let spread): Clause("random", level, spread)
    case .mixture(let chance, let strong, let slow): Clause("mixture", chance, strong, slow)
    case .input(let x, let noise): Clause("input", x, noise)
    }
  }

  init?(_ clause: Clause) {
    let numbers = clause.numbers
    func pair() -> (strong: Double, slow: Double)? {
      numbers[1] <= 0 && numbers[2] <= 0 ? (numbers[1], numbers[2]) : nil
    }
    switch clause.word {
    case "none": self = .constant(0)
    case "":
      guard numbers[0] <= 0 else { return nil }
      self = .constant(numbers[0])
    case "clamp":
      guard let neighbours = clause.integer(0), (-100...100).contains(neighbours) else { return nil }
      self = .clamp(neighbours: neighbours)
    case "forget":
      guard let token = clause.integer(0), token >= 0, let (strong, slow) = pair() else { return nil }
      self = .forget(at: token, strong: strong, slow: slow)
    case "every":
      guard let period = clause.integer(0), period >= 2, let (strong, slow) = pair() else {
        return nil
      }
      self = .every(period: period, strong: strong, slow: slow)
    case "tail":
      guard let rows = clause.integer(0), rows >= 1, let (strong, slow) = pair() else { return nil }
      self = .tail(rows: rows, strong: strong, slow: slow)
    case "random":
      guard numbers[0] < 0, numbers[0].isFinite, (0...10).contains(numbers[1]) else { return nil }
      self = .random(level: numbers[0], spread: numbers[1])
    case "mixture":
      guard (0...1).contains(numbers[0]), let (strong, slow) = pair() else { return nil }
      self = .mixture(chance: numbers[0], strong: strong, slow: slow)
    case "input":
      guard (-1000...1000).contains(numbers[0]), (0...100).contains(numbers[1]) else { return nil }
      self = .input(numbers[0], noise: numbers[1])
    default: return nil
    }
  }
}

extension Recipe.WriteStrength: Dimension {
  static let field = "write"
  static let forms = [
    Form("", "BETA"), Form("logit", "B"), Form("logits", "LOW", "HIGH"), Form("wide", "LOW", "HIGH"),
  ]
  static let limits =
    "BETA 0 to 1 (wide:LOW:HIGH goes up to 2), B, LOW and HIGH of logits -200 to 200, LOW at most HIGH"

  var clause: Clause {
    switch self {
    case .constant(let beta): Clause("", beta)
    case .logit(let b): Clause("logit", b)
    case .logits(let low, let high): Clause("logits", low, high)
    case .wide(let low, let high): Clause("wide", low, high)
    }
  }

  init?(_ clause: Clause) {
    let numbers = clause.numbers
    switch clause.word {
    case "":
      guard (0...1).contains(numbers[0]) else { return nil }
      self = .constant(numbers[0])
    case "logit":
      guard (-200...200).contains(numbers[0]) else { return nil }
      self = .logit(numbers[0])
    case "logits":
      guard -200 <= numbers[0], numbers[0] <= numbers[1], numbers[1] <= 200 else { return nil }
      self = .logits(low: numbers[0], high: numbers[1])
    case "wide":
      guard 0 <= numbers[0], numbers[0] <= numbers[1], numbers[1] <= 2 else { return nil }
      self = .wide(low: numbers[0], high: numbers[1])
    default: return nil
    }
  }
}

extension Recipe.RateLogarithm: Dimension {
  static let field = "A_log"
  static let forms = [Form("", "VALUE"), Form("heads")]
  static let limits = "VALUE up to 1000, or -inf"

  var clause: Clause {
    switch self {
    case .constant(let value): Clause("", value)
    case .heads: Clause("heads")
    }
  }

  init?(_ clause: Clause) {
    switch clause.word {
    case "":
      guard clause.numbers[0] <= 1000, clause.numbers[0] >= -1000 || clause.numbers[0] == -.infinity else {
        return nil
      }
      self = .constant(clause.numbers[0])
    case "heads": self = .heads
    default: return nil
    }
  }
}

extension Recipe.GateBias: Dimension {
  static let field = "dt_bias"
  static let forms = [Form("", "VALUE"), Form("heads")]
  static let limits = "VALUE -1000 to 1000"

  var clause: Clause {
    switch self {
    case .constant(let value): Clause("", value)
    case .heads: Clause("heads")
    }
  }

  init?(_ clause: Clause) {
    switch clause.word {
    case "":
      guard (-1000...1000).contains(clause.numbers[0]) else { return nil }
      self = .constant(clause.numbers[0])
    case "heads": self = .heads
    default: return nil
    }
  }
}
