extension Dimension {
  /// Simpler cases than this one: those without numbers first, then the given ones, then this case with simpler
  /// numbers. Some may not be simpler in the order of recipes, which has the last word.
  func simpler(like examples: [Self] = []) -> [Self] {
    let bare = Self.forms.prefix(rank).filter(\.parameters.isEmpty).compactMap { Self(Clause($0.word)) }
    return bare + examples + simplerNumbers()
  }

  private func simplerNumbers() -> [Self] {
    let parameters = Self.forms[rank].parameters
    return parameters.indices.flatMap { index in
      let number = clause.numbers[index]
      return Parameter.simpler(number, as: parameters[index]).compactMap { simpler in
        var clause = clause
        clause.numbers[index] = simpler
        // A constant of 0 is written as a word, so the clause may have to be written again.
        return Self(clause)
      }
    }
  }
}

/// The numbers behind a word, by the name that their form gives them.
private enum Parameter {
  /// Simpler numbers to try, boldest first.
  static func simpler(_ number: Double, as parameter: String) -> [Double] {
    switch parameter {
    case "TOKEN", "TOKENS", "ROWS", "ROW", "PERIOD": counts(below: number)
    default: (steps[parameter] ?? []).filter { $0 != number } + fewerDigits(number)
    }
  }

  private static func counts(below number: Double) -> [Double] {
    Recipe.below(Int(number), least: 0).map(Double.init)
  }

  private static func fewerDigits(_ number: Double) -> [Double] {
    (1...3).map { Decimal.rounded(number, digits: $0) }.filter { $0 != number }
  }

  /// Numbers that mean something to a reader.
  private static let steps: [String: [Double]] = [
    "LOG_G": levels, "STRONG": levels, "SLOW": levels, "LEVEL": levels, "DEGREES": [0, 10, 30, 90],
    "BETA": [0, 1, 0.5, 0.9, 0.999], "B": [0, 8, 16], "LOW": [0, -8], "HIGH": [0, 2, 8, 16], "CHANCE": [0.5],
    "SPREAD": [0, 1], "X": [0, 20, -20], "NOISE": [0, 1], "VALUE": [0, 1, 4], "NEIGHBOURS": [0],
    "FACTOR": [10, 100, 1000],
  ]

  private static let levels: [Double] = [0, -1, -5, -20, -30, -100, -300, -.infinity]
}
