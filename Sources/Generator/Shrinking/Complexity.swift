import GatedDeltaRule

extension Recipe: Comparable {
  /// Whether the left recipe is simpler: the order in which a shrinker descends.
  ///
  /// It is total and has no endless descent. The first difference decides, in this order: calls; B, T, Hv, Hk, Dk, Dv;
  /// level, channels, precision, contract; mask, pad; keys, q; decay, A_log, dt_bias; write; v, state, dy, dstate;
  /// seed. Cases compare as their enumerations list them, numbers by the length of their text and then by the text
  /// (the part of the numbers that are not zero the other way round), sizes and seeds as numbers.
  public static func < (left: Recipe, right: Recipe) -> Bool {
    for isSimpler in order {
      if let answer = isSimpler(left, right) { return answer }
    }
    return false
  }

  /// Each answers which of two recipes is simpler in one part; nil where they are alike in it.
  private static let order: [@Sendable (Recipe, Recipe) -> Bool?] =
    [
      { left, right in
        switch (left.calls, right.calls) {
        case (nil, nil): nil
        case (nil, _): true
        case (_, nil): false
        case (let one?, let other?): Calls.isSimpler(one, other)
        }
      },
      by(\.B), by(\.T), by(\.Hv), by(\.Hk), by(\.Dk), by(\.Dv),
      by { Level.allCases.firstIndex(of: $0.level)! },
      by { DecayKind.allCases.firstIndex(of: $0.decayKind)! },
      by { Precision.allCases.firstIndex(of: $0.precision)! },
      by { $0.contract == .plain ? "" : $0.contract.description },
    ] + Dimension.boldestFirst.map(by) + [by(\.seed)]

  private static func by<Value: Comparable & Sendable>(
    _ value: @escaping @Sendable (Recipe) -> Value
  ) -> @Sendable (Recipe, Recipe) -> Bool? {
    { left, right in
      let (x, y) = (value(left), value(right))
      return x == y ? nil : x < y
    }
  }

  private static func by(_ dimension: Dimension) -> @Sendable (Recipe, Recipe) -> Bool? {
    { dimension.isSimpler(dimension.place($0), than: dimension.place($1)) }
  }
}

extension Dimension {
  /// Whether the row of the left one comes first, or the first number that differs is simpler; nil for the same.
  fileprivate func isSimpler(_ left: Place, than right: Place) -> Bool? {
    guard left.rank == right.rank else { return left.rank < right.rank }
    let parameters = dangers[left.rank].parameters
    for (index, (x, y)) in zip(left.numbers, right.numbers).enumerated() where x != y {
      if parameters[index].isSimplestFull { return x > y }
      let (x, y) = (Decimal.text(x), Decimal.text(y))
      return (x.utf8.count, x) < (y.utf8.count, y)
    }
    return nil
  }
}
