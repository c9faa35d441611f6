import GatedDeltaRule

extension Recipe {
  /// The problem that this recipe stands for: the same bits on every machine, for ever.
  ///
  /// Values are addressed by seed, tensor and coordinates, so a recipe with fewer batch rows, tokens, heads or
  /// channels renders to the beginning of the larger one. Two exceptions: unit vectors are as long as `Dk` says, and
  /// tokens are counted from the first one after left padding, so that padding can be taken away from in front of
  /// them.
  ///
  /// - Throws: `RecipeError` if the recipe does not make a problem; nothing is allocated before that is known.
  public func render() throws(RecipeError) -> Problem {
    try validate()
    do {
      let shape = try Shape(B: B, T: T, Hk: Hk, Hv: Hv, Dk: Dk, Dv: Dv, decayKind: decayKind)
      return try Rendering(recipe: self, shape: shape).problem()
    } catch {
      throw RecipeError(text, error.description)
    }
  }
}

/// A recipe at work.
struct Rendering {
  let recipe: Recipe
  let shape: Shape
  /// Nil if the problem has no mask.
  let mask: Mask?
  /// Tokens of left padding of each batch row.
  let leftPadding: [Int]

  init(recipe: Recipe, shape: Shape) {
    (self.recipe, self.shape) = (recipe, shape)
    leftPadding = (0..<shape.B).map { b in
      switch recipe.mask {
      case .left(let tokens): tokens
      case .leftByRow(let tokens): min(b * tokens, shape.T)
      default: 0
      }
    }
    mask = recipe.mask == .none ? nil : recipe.mask.flags(in: shape, seed: recipe.seed)
  }

  func problem() throws(InvalidProblem) -> Problem {
    let k = keys()
    let q = queries(besides: k)
    let primals = Primals(q: q, k: k, v: values(), gates: gates(), state: initialState())
    let cotangents = Outputs(y: outputCotangent(), state: stateCotangent())
    // Legal by construction, to which the tests hold it; looking at every value again would take a third of the time.
    return try Problem(
      shape: shape, primals: primals, mask: mask, cotangents: cotangents, contract: recipe.contract,
      calls: recipe.calls, domain: .any)
  }

  func address(_ name: StaticString) -> Address { Address(seed: recipe.seed, name: name) }

  func isLive(_ b: Int, _ t: Int) -> Bool { mask.map { $0.live[b * shape.T + t] } ?? true }

  /// A tensor of shape [B, T, ...] whose live tokens hold what `fill` writes, rounded, and whose masked tokens hold
  /// padding. Each token is filled from the place of its own; tokens are counted from the first after left padding.
  func tokens(
    _ name: StaticString, _ dimensions: [Int], _ precision: Precision,
    fill: (_ values: UnsafeMutablePointer<Double>, _ b: Int, _ t: Int, _ place: Address) -> Void
  ) -> Tensor {
    let count = dimensions.reduce(1, *)
    let (T, root) = (shape.T, address(name))
    let values = [Double](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = count
      guard count > 0 else { return }
      let width = count / (shape.B * T)
      var values = buffer.baseAddress!
      for b in 0..<shape.B {
        let row = root.at(b)
        for t in 0..<T {
          fill(values, b, t, row.at(t - leftPadding[b]))
          values += width
        }
      }
      Rendering.round(buffer, to: precision)
      pad(buffer, width: width, precision)
    }
    return Tensor(shape: dimensions, precision: precision, values: values)
  }

  private func pad(_ values: UnsafeMutableBufferPointer<Double>, width: Int, _ precision: Precision) {
    guard let content = recipe.pad.content(in: precision), let mask else { return }
    for token in mask.live.indices where !mask.live[token] {
      values[token * width..<(token + 1) * width].update(repeating: content)
    }
  }

  /// Rounds in place. What would overflow fp16 becomes its largest number, since live inputs are finite.
  static func round(_ values: UnsafeMutableBufferPointer<Double>, to precision: Precision) {
    switch precision {
    case .fp64: break
    case .fp32: for index in values.indices { values[index] = Double(Float(values[index])) }
    case .bf16: for index in values.indices { values[index] = precision.round(values[index]) }
    case .fp16:
      for index in values.indices { values[index] = precision.round(min(max(values[index], -65504), 65504)) }
    }
  }
}

extension Recipe.Padding {
  /// What a masked token holds in this format; nil leaves what a real token would hold. The NaN is the canonical
  /// one: quiet, positive, without a payload.
  func content(in precision: Precision) -> Double? {
    switch self {
    case .zeros: 0
    case .noise: nil
    case .huge: precision == .fp16 ? precision.round(60000) : precision.round(1e30)
    case .inf: .infinity
    case .nan: Double(bitPattern: 0x7FF8_0000_0000_0000)
    }
  }
}

extension Recipe.Masking {
  /// The mask of these dimensions.
  func flags(in shape: Shape, seed: UInt64) -> Mask {
    let (B, T) = (shape.B, shape.T)
    let root = Address(seed: seed, name: "mask")
    var live: [Bool] = []
    live.reserveCapacity(B * T)
    for b in 0..<B {
      let row = root.at(b)
      for t in 0..<T { live.append(isLive(b, t, T: T, row: row)) }
    }
    return Mask(B: B, T: T, live: live)
  }

  private func isLive(_ b: Int, _ t: Int, T: Int, row: Address) -> Bool {
    switch self {
    case .none, .all: true
    case .left(let tokens): t >= tokens
    case .right(let tokens): t < T - tokens
    case .holes(let chance): row.at(t).uniform >= chance
    case .onlyFirst: t == 0
    case .onlyLast: t == T - 1
    case .row(let masked): b != masked
    case .leftByRow(let tokens): t >= b * tokens
    case .rightByRow(let tokens): t < T - b * tokens
    }
  }
}
