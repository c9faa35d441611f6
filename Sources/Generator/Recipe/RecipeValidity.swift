import GatedDeltaRule

extension Recipe {
  /// The largest size of each letter, and of all tensors together: recipes come from strangers, and are checked
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
    public static let characters = 240
  }

  /// - Throws: `RecipeError` if the recipe is not one of a problem: a size past its limit, heads that do not group,
  ///   a number out of range, or parts that contradict each other.
  public func validate() throws(RecipeError) {
    try validateSizes()
    try validateRanges()
    try validateGates()
    try validateMask()
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

  private func validateRanges() throws(RecipeError) {
    func check<D: Dimension>(_ dimension: D) throws(RecipeError) {
      guard dimension.isInRange else {
        throw RecipeError("\(D.field)=\(dimension.clause.text)", "out of range: \(D.limits)")
      }
    }
    try check(keys)
    try check(values)
    try check(decay)
    try check(A_log)
    try check(dt_bias)
    try check(write)
    try check(mask)
    guard precision != .fp64 else { throw RecipeError("fp64", "inputs are f32, bf16 or f16") }
  }

  private func validateGates() throws(RecipeError) {
    switch level {
    case .core:
      if case .input = decay { throw RecipeError(part(decay), "needs the model level") }
      guard A_log == .constant(0) else { throw RecipeError(part(A_log), "needs the model level") }
      guard dt_bias == .constant(0) else { throw RecipeError(part(dt_bias), "needs the model level") }
    case .model:
      if case .wide = write { throw RecipeError(part(write), "needs the core level: a sigmoid ends at 1") }
    }
    switch decay {
    case .forget(let token, _, _):
      guard token < max(T, 1) else { throw RecipeError(part(decay), "token \(token) of T\(T)") }
    case .tail(let rows, _, _):
      guard rows <= max(T, 1) else { throw RecipeError(part(decay), "\(rows) rows of T\(T)") }
    default: break
    }
  }

  private func validateMask() throws(RecipeError) {
    switch mask {
    case .left(let tokens), .right(let tokens), .leftByRow(let tokens), .rightByRow(let tokens):
      guard tokens <= T else { throw RecipeError(part(mask), "\(tokens) tokens of T\(T)") }
    case .row(let row):
      guard row < B else { throw RecipeError(part(mask), "row \(row) of B\(B)") }
    case .none, .all, .holes, .onlyFirst, .onlyLast: break
    }
    if mask == .none || mask == .all, pad != .zeros {
      throw RecipeError(part(pad), "mask=\(mask.clause.text) leaves nothing to pad")
    }
  }

  private func part<D: Dimension>(_ dimension: D) -> String { "\(D.field)=\(dimension.clause.text)" }

  /// The nearest valid recipe after sizes or level were made smaller: what no longer fits is cut to fit.
  func fitted() -> Recipe {
    var recipe = self
    if level == .core {
      (recipe.A_log, recipe.dt_bias) = (.constant(0), .constant(0))
      if case .input = decay { recipe.decay = .constant(0) }
    }
    switch recipe.decay {
    case .forget(let token, let strong, let slow):
      recipe.decay = .forget(at: min(token, max(T - 1, 0)), strong: strong, slow: slow)
    case .tail(let rows, let strong, let slow):
      recipe.decay = .tail(rows: min(rows, max(T, 1)), strong: strong, slow: slow)
    default: break
    }
    switch mask {
    case .left(let tokens): recipe.mask = T == 0 ? .none : .left(min(tokens, T))
    case .right(let tokens): recipe.mask = T == 0 ? .none : .right(min(tokens, T))
    case .leftByRow(let tokens): recipe.mask = T == 0 ? .none : .leftByRow(min(tokens, T))
    case .rightByRow(let tokens): recipe.mask = T == 0 ? .none : .rightByRow(min(tokens, T))
    case .row(let row): recipe.mask = .row(min(row, B - 1))
    case .none, .all, .holes, .onlyFirst, .onlyLast: break
    }
    if recipe.mask == .none || recipe.mask == .all { recipe.pad = .zeros }
    return recipe
  }
}
