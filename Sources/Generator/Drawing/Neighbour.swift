import GatedDeltaRule

extension Recipe {
  /// A recipe one step away: a number moved a little or a lot, a size by one, an edge by one, or other content.
  ///
  /// - Parameters:
  ///   - seed: from which the step is drawn, with `index`.
  ///   - profile: whose bound on the work a step does not leave.
  public func neighbour(seed: UInt64, index: UInt64, in profile: Profile) -> Recipe {
    var lot = Lot(seed: seed ^ 0x6e65_6967, index: index)
    for _ in 0..<8 {
      var recipe = self
      switch lot.one(weighing: [Step.number: 6, .size: 2, .content: 2]) {
      case .number: recipe.moveNumber(&lot)
      case .size: recipe.moveSize(&lot)
      case .content: recipe.seed = UInt64(lot.integer(0...99999))
      }
      recipe = recipe.fitted()
      let isAffordable = recipe.B * recipe.T * recipe.Hv * recipe.Dk * recipe.Dv <= profile.work
      if recipe != self, isAffordable, (try? recipe.validate()) != nil { return recipe }
    }
    return self
  }

  private enum Step { case number, size, content }

  private mutating func moveSize(_ lot: inout Lot) {
    let by = lot.one(of: [-8, -1, 1, 8])
    switch lot.integer(0...3) {
    case 0: T = max(0, T + by)
    case 1: Dk = max(1, Dk + by)
    case 2: Dv = max(1, Dv + by)
    default: B = max(1, B + by.signum())
    }
  }

  private mutating func moveNumber(_ lot: inout Lot) {
    let dimension = lot.one(of: Dimension.movable)
    dimension.put(&self, dimension.moved(dimension.place(self), &lot))
  }
}

extension Dimension {
  /// One of the numbers moved; as it was if there is none, or it would leave its range.
  fileprivate func moved(_ place: Place, _ lot: inout Lot) -> Place {
    guard !place.numbers.isEmpty else { return place }
    var moved = place
    let index = lot.integer(0...place.numbers.count - 1)
    moved.numbers[index] = lot.moved(place.numbers[index])
    return moved.numbers[index].isFinite && dangers[place.rank].admits(moved.numbers) ? moved : place
  }
}

extension Lot {
  /// A number moved by one of fp32, by a part of itself, or by a step.
  fileprivate mutating func moved(_ number: Double) -> Double {
    switch integer(0...3) {
    case 0: Double(Float(number).nextUp)
    case 1: Double(Float(number).nextDown)
    case 2: Decimal.rounded(number * (1 + one(of: [-0.5, -0.05, -0.002, 0.002, 0.05, 0.5])), digits: 6)
    default: Decimal.rounded(number + one(of: [-2, -1, -0.05, 0.05, 1, 2]), digits: 6)
    }
  }
}
