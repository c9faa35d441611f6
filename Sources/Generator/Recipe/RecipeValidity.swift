import GatedDeltaRule

extension Recipe {
  /// The largest size of each letter, and of all tensors together: recipes come from anybody, and are checked
  /// before anything is allocated.
  public enum Limit {
    /// Batch rows.
    public static let B = 256
    /// Tokens.
    public static let T = 65536
    /// Heads of either kind.
    public static let heads = 256
    /// Channels of either kind.
    public static let channels = 1024
    /// Elements of all tensors together (a gigabyte: a large layer over 4096 tokens is one).
    public static let elements = 1 << 27
    /// Characters of the text.
    public static let characters = 340
  }

  /// - Throws: `RecipeError` if the recipe is not one of a problem: a size past its limit, heads that do not group,
  ///   a number out of range, or parts that contradict each other.
  public func validate() throws(RecipeError) {
    try validateSizes()
    for dimension in Dimension.numbered { try dimension.checkRange(self) }
    guard precision != .fp64 else { throw RecipeError("fp64", "inputs are f32, bf16 or f16") }
    for dimension in Dimension.bounded { try dimension.checkRoom(self) }
    if isExact, !contract.keepsWholeNumbers(Dk: Dk) {
      throw RecipeError("contract=\(contract)", "rounds what numbers=exact keeps whole")
    }
    try validateCalls()
    if hasNothingToPad, let pad = Dimension.pad.text(self) {
      throw RecipeError(pad, "\(Dimension.mask.text(Dimension.mask.place(self))) leaves nothing to pad")
    }
  }

  private func validateSizes() throws(RecipeError) {
    let most = [Limit.B, Limit.T, Limit.heads, Limit.heads, Limit.channels, Limit.channels]
    for ((letter, size), most) in zip(sizes, most) {
      let least = letter == "T" ? 0 : 1
      guard size >= least else { throw RecipeError("\(letter)\(size)", "must be at least \(least)") }
      guard size <= most else { throw RecipeError("\(letter)\(size)", "larger than the limit of \(most)") }
    }
    guard Hv % Hk == 0 else { throw RecipeError("Hv\(Hv)", "not a multiple of Hk\(Hk)") }
    guard elementCount <= Limit.elements else {
      throw RecipeError(sizesText, "\(elementCount) elements, more than the limit of \(Limit.elements)")
    }
  }

  /// Elements of all tensors together, were all present; the limits of the sizes keep it from overflowing.
  public var elementCount: Int {
    let gate = decayKind == .perChannel ? Dk : 1
    return B * T * (2 * Hk * Dk + 2 * Hv * Dv + Hv * gate + Hv) + 2 * B * Hv * Dv * Dk + 2 * Hv * gate
  }

  private var hasNothingToPad: Bool { mask == .none || mask == .all }

  /// The nearest valid recipe after sizes or level were made smaller: what no longer fits is cut to fit.
  func fitted() -> Recipe {
    var recipe = self
    for dimension in Dimension.bounded { dimension.fit(&recipe) }
    if recipe.isExact, !contract.keepsWholeNumbers(Dk: recipe.Dk) { recipe.numbers = .any }
    if recipe.hasNothingToPad { recipe.pad = .zeros }
    recipe.fitCalls()
    return recipe
  }
}

extension Dimension {
  func checkRange(_ recipe: Recipe) throws(RecipeError) {
    let place = place(recipe)
    if place.numbers.isEmpty || dangers[place.rank].admits(place.numbers) { return }
    throw RecipeError(text(place), "out of range: \(dangers[place.rank].limits)")
  }

  /// Whether the level and the sizes of a recipe have room for what it has there.
  func checkRoom(_ recipe: Recipe) throws(RecipeError) {
    let place = place(recipe)
    if let (level, words) = dangers[place.rank].level, level != recipe.level, place != plain {
      throw RecipeError(text(place), "needs the \(level) level" + (words.isEmpty ? "" : ": \(words)"))
    }
    for (parameter, number) in zip(dangers[place.rank].parameters, place.numbers) {
      if let excess = parameter.excess(number, in: recipe) { throw RecipeError(text(place), excess) }
    }
  }

  /// Cuts the numbers to the sizes of a recipe; the simplest where none is so small, the plain one where its level has
  /// no room for it.
  func fit(_ recipe: inout Recipe) {
    let place = place(recipe)
    if let (level, _) = dangers[place.rank].level, level != recipe.level { return put(&recipe, plain) }
    if place.numbers.isEmpty { return }
    let cut = zip(dangers[place.rank].parameters, place.numbers).map { parameter, number in
      parameter.room.map { [recipe] in min(number, Double($0.most(recipe))) } ?? number
    }
    if cut != place.numbers {
      put(&recipe, self.place(dangers[place.rank].word, cut) ?? Place(rank: 0, numbers: []))
    }
  }
}
