extension Recipe {
  /// How the keys of a head lie to each other. All are unit vectors unless the name says otherwise.
  public enum Keys: Hashable, Sendable {
    /// One vector for all tokens: the powers of the triangular matrix explode inside one sub-block although its
    /// inverse stays at 1 (sub-block 32 of a doubling solve).
    case equal
    /// Independent directions: what a layer sees at first, and what hides every solver fault once Dk is large.
    case random
    /// One vector and its negative, at random: equal keys to the algebra, but not to a test for a common sign.
    case flipped
    /// Independent directions at this angle to one axis, in degrees, 0 to 90: small angles are nearly equal keys.
    case cone(degrees: Double)
    /// Independent directions in one two-dimensional subspace: collinear for nothing, whatever Dk is.
    case plane
    /// The unit vectors in turn, so that tokens less than Dk apart do not see each other.
    case orthogonal
    /// All zero: the write vanishes, the decay remains.
    case zero
    /// Independent directions of this norm, below 1: a normalisation that squares it underflows.
    case tiny(norm: Double)
    /// Entries that nobody normalised, with this norm in the mean, above or below 1. |1 - beta k.k| may pass 1
    /// and the state then grows; drawn only where the profile asks for it.
    case raw(norm: Double)
  }

  /// What reads the state. The norm is Dk^-1/2 unless the name says otherwise.
  public enum Queries: String, Hashable, Sendable, CaseIterable {
    /// Independent directions.
    case random
    /// The key itself: reads back what has just been written, and hides a swap of q and k.
    case key
    /// Orthogonal to the axes of the keys, so that the true output is small beside its terms. Zero if Dk is 1.
    case orthogonal
    /// All zero: y is 0 and so is everything that flows through it.
    case zero
  }

  /// What is written.
  public enum Values: Hashable, Sendable {
    /// Entries about N(0, 1).
    case random
    /// All zero: only the initial state is left to carry.
    case zero
    /// Random entries times this factor: 1e4 brings a readout in fp16 near its largest number.
    case scaled(Double)
  }
}

extension Recipe.Keys: Dimension {
  static let field = "keys"
  static let forms = [
    Form("equal"), Form("random"), Form("flipped"), Form("cone", "DEGREES"), Form("plane"),
    Form("orthogonal"),
    Form("zero"), Form("tiny", "NORM"), Form("raw", "NORM"),
  ]
  static let limits = "DEGREES 0 to 90, NORM of tiny above 0 and below 1, NORM of raw above 0 up to 100"

  var clause: Clause {
    switch self {
    case .equal: Clause("equal")
    case .random: Clause("random")
    case .flipped: Clause("flipped")
    case .cone(let degrees): Clause("cone", degrees)
    case .plane: Clause("plane")
    case .orthogonal: Clause("orthogonal")
    case .zero: Clause("zero")
    case .tiny(let norm): Clause("tiny", norm)
    case .raw(let norm): Clause("raw", norm)
    }
  }

  init?(_ clause: Clause) {
    switch clause.word {
    case "equal": self = .equal
    case "random": self = .random
    case "flipped": self = .flipped
    case "cone":
      guard (0...90).contains(clause.numbers[0]) else { return nil }
      self = .cone(degrees: clause.numbers[0])
    case "plane": self = .plane
    case "orthogonal": self = .orthogonal
    case "zero": self = .zero
    case "tiny":
      guard clause.numbers[0] > 0, clause.numbers[0] < 1 else { return nil }
      self = .tiny(norm: clause.numbers[0])
    case "raw":
      guard clause.numbers[0] > 0, clause.numbers[0] <= 100 else { return nil }
      self = .raw(norm: clause.numbers[0])
    default: return nil
    }
  }
}

extension Recipe.Queries: Dimension {
  static let field = "q"
}

extension Recipe.Values: Dimension {
  static let field = "v"
  static let forms = [Form("random"), Form("zero"), Form("scaled", "FACTOR")]
  static let limits = "FACTOR above 0 up to 1e10"

  var clause: Clause {
    switch self {
    case .random: Clause("random")
    case .zero: Clause("zero")
    case .scaled(let factor): Clause("scaled", factor)
    }
  }

  init?(_ clause: Clause) {
    switch clause.word {
    case "random": self = .random
    case "zero": self = .zero
    case "scaled":
      guard clause.numbers[0] > 0, clause.numbers[0] <= 1e10 else { return nil }
      self = .scaled(clause.numbers[0])
    default: return nil
    }
  }
}
