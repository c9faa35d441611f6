extension Recipe {
  /// The state before the first token. It is kept in fp32 whatever the inputs are in, as upstream keeps it.
  public enum InitialState: String, Hashable, Sendable, CaseIterable {
    /// Absent: must equal zeros bit for bit, and has a gradient all the same.
    case none
    /// Given, all zero.
    case zeros
    /// Entries about N(0, 1).
    case random
    /// Random in the last batch row only: a state that flows from one row into the next shows.
    case lastRow
    /// Random, but 1e8 in one value channel of every head: a coarse state loses what stands beside it.
    case spike
  }

  /// What the loss says of y. It is 0 at masked tokens.
  public enum OutputCotangent: String, Hashable, Sendable, CaseIterable {
    /// Entries about N(0, 1).
    case random
    /// Only the last live token of a row counts: all that reaches the others went through the state.
    case last
    /// Random entries divided by T Hv Dv, as under the mean of a loss: absolute tolerances see nothing.
    case mean
    /// Given, all zero.
    case zeros
    /// Absent.
    case none
  }

  /// What the loss says of the final state.
  public enum StateCotangent: String, Hashable, Sendable, CaseIterable {
    /// Absent: the gradient of the initial state must not depend on its presence.
    case none
    /// Given, all zero.
    case zeros
    /// Entries about N(0, 1).
    case random
  }

  /// Which tokens are real.
  public enum Masking: Hashable, Sendable {
    /// No mask.
    case none
    /// A mask that hides nothing: must equal no mask.
    case all
    /// So many first tokens are padding. 64 of them are a dead chunk.
    case left(Int)
    /// So many last tokens are padding.
    case right(Int)
    /// Only the first token is real.
    case onlyFirst
    /// Only the last token is real.
    case onlyLast
    /// All of this batch row is padding.
    case row(Int)
    /// Row b begins with b times so many tokens of padding: different in every row.
    case leftByRow(Int)
    /// Row b ends with b times so many tokens of padding: different in every row.
    case rightByRow(Int)
    /// Every token is hidden with this chance, in every row for itself.
    case holes(chance: Double)
  }

  /// What masked tokens hold in q, k, v and the gates. None of it may reach a result.
  public enum Padding: String, Hashable, Sendable, CaseIterable {
    /// Zero, decay included.
    case zeros
    /// What a real token would hold.
    case noise
    /// 1e30, or 6e4 where fp16 ends before that.
    case huge
    /// Infinity: times zero it is NaN.
    case inf
    /// NaN: a mask that multiplies instead of selecting lets it through.
    case nan
  }
}

extension Recipe.InitialState: Dimension {
  static let field = "state"
}

extension Recipe.OutputCotangent: Dimension {
  static let field = "dy"
}

extension Recipe.StateCotangent: Dimension {
  static let field = "dstate"
}

extension Recipe.Masking: Dimension {
  static let field = "mask"
  static let forms = [
    Form("none"), Form("all"), Form("left", "TOKENS"), Form("right", "TOKENS"), Form("onlyFirst"),
    Form("onlyLast"), Form("row", "ROW"), Form("leftByRow", "TOKENS"), Form("rightByRow", "TOKENS"),
    Form("holes", "CHANCE"),
  ]
  static let limits = "TOKENS at least 1, ROW at least 0, CHANCE 0 to 1"

  var clause: Clause {
    switch self {
    case .none: Clause("none")
    case .all: Clause("all")
    case .left(let tokens): Clause("left", Double(tokens))
    case .right(let tokens): Clause("right", Double(tokens))
    case .holes(let chance): Clause("holes", chance)
    case .onlyFirst: Clause("onlyFirst")
    case .onlyLast: Clause("onlyLast")
    case .row(let row): Clause("row", Double(row))
    case .leftByRow(let tokens): Clause("leftByRow", Double(tokens))
    case .rightByRow(let tokens): Clause("rightByRow", Double(tokens))
    }
  }

  init?(_ clause: Clause) {
    func tokens() -> Int? { clause.integer(0).flatMap { $0 >= 1 ? $0 : nil } }
    switch clause.word {
    case "none": self = .none
    case "all": self = .all
    case "left":
      guard let tokens = tokens() else { return nil }
      self = .left(tokens)
    case "right":
      guard let tokens = tokens() else { return nil }
      self = .right(tokens)
    case "holes":
      guard (0...1).contains(clause.numbers[0]) else { return nil }
      self = .holes(chance: clause.numbers[0])
    case "onlyFirst": self = .onlyFirst
    case "onlyLast": self = .onlyLast
    case "row":
      guard let row = clause.integer(0), row >= 0 else { return nil }
      self = .row(row)
    case "leftByRow":
      guard let tokens = tokens() else { return nil }
      self = .leftByRow(tokens)
    case "rightByRow":
      guard let tokens = tokens() else { return nil }
      self = .rightByRow(tokens)
    default: return nil
    }
  }
}

extension Recipe.Padding: Dimension {
  static let field = "pad"
}
