import GatedDeltaRule

/// Which implementations a bound is for: its form, the clamp it documents, the arithmetic it runs in.
package struct ErrorModel: Hashable {
  package var form: Declaration.Form
  package var clamp: Declaration.Clamp
  package var betaPrecision: Precision
  package var sigmoidPrecision: Precision
  package var decayPrecision: Precision
  package var queryKeyPrecision: Precision
  package var headPrecision: Precision
  package var products: ProductFormat
  /// Whether the declared rounding of a gate is paid for by the bound, or made in the reference.
  package var paysForGates: Bool
  /// Chunked form: whether the gradient by the decay is a sum over the pairs of tokens that cross a token, and not one of
  /// differences that cancel.
  package var sumsCrossings: Bool
  /// Chunked form: whether V and K M may be solved apart, and an inverse be formed and differentiated.
  package var solvesApart: Bool, formsInverse: Bool
  /// u of the arithmetic: 2^-24, or 2^-53 for a run in fp64.
  package var u: Double

  /// What one operation may lose absolutely: everything below the smallest normal fp32, since an accelerator
  /// may flush it to zero.
  static let eta = 0x1p-126
  /// Below this a result may have been flushed: its relative error is 1.
  static let tiny = 0x1p-125

  /// Sequential, fp32, no clamp.
  static let plain = ErrorModel(Declaration(), arithmetic: .working)

  /// Tokens of a chunk, or nil for the sequential form.
  package var chunk: Int? {
    if case .chunked(let length) = form { max(length, 1) } else { nil }
  }

  /// One rounding of an operand of a product to a coarser format than u's; nothing if there is none.
  package var ofOperand: Double {
    chunk != nil && products != .fp32 ? products.unitRoundoff : 0
  }

  /// What one operation of the chunked form, or what it stores for the next, may lose absolutely.
  var etaOfProducts: Double { max(ErrorModel.eta, ofOperand > 0 ? products.underflow : 0) }

  /// Past this an implementation may answer inf or NaN: near enough to the end of what its products, or the lengths of q
  /// and k, are formed in.
  package var largest: Double {
    (ofOperand > 0 && products == .fp16) || (ofQueryKey > 0 && queryKeyPrecision == .fp16) ? 0x1p15 : 0x1p120
  }

  /// Whether the shares that dq and dk are sums of are rounded one by one.
  var roundsShares: Bool { headPrecision.unitRoundoff > max(u, Precision.fp32.unitRoundoff) }

  /// What one rounding of a sum over the heads of a group costs, relative to its terms.
  var ofHead: Double {
    max(u, headPrecision.unitRoundoff > Precision.fp32.unitRoundoff ? headPrecision.unitRoundoff : 0)
  }

  /// The same absolutely, below the normal numbers of the format: a share is rounded, and so is the sum.
  var underflowOfHead: Double { headPrecision.unitRoundoff > u ? 2 * headPrecision.underflow : 0 }

  /// What rounding exp(-|b|) to a coarser format adds to the relative error of sigmoid(b), over sigmoid(-b).
  var ofSigmoid: Double {
    sigmoidPrecision.unitRoundoff > max(u, Precision.fp32.unitRoundoff) ? sigmoidPrecision.unitRoundoff : 0
  }

  /// One rounding of q and k while they are normalised and scaled to a coarser format than u's; nothing if there is none.
  var ofQueryKey: Double {
    queryKeyPrecision.unitRoundoff > max(u, Precision.fp32.unitRoundoff) ? queryKeyPrecision.unitRoundoff : 0
  }

  /// The same absolutely.
  var underflowOfQueryKey: Double { max(ErrorModel.eta, ofQueryKey > 0 ? queryKeyPrecision.underflow : 0) }

  /// What a declared rounding of a gate to a coarser format adds to the relative error of a value, beyond the
  /// working arithmetic.
  func coarse(_ precision: Precision, _ value: Double) -> Double {
    guard precision.unitRoundoff > u, precision.unitRoundoff > Precision.fp32.unitRoundoff else { return 0 }
    return precision.unitRoundoff + (value == 0 ? 0 : min(1, precision.underflow / value.magnitude))
  }
}

extension ErrorModel {
  package init(
    _ declaration: Declaration, arithmetic: Request.Arithmetic, paysForGates: Bool = false
  ) {
    self.paysForGates = paysForGates
    sigmoidPrecision = declaration.sigmoidPrecision
    queryKeyPrecision = declaration.queryKeyPrecision ?? .fp32
    let said = declaration.arrangement
    sumsCrossings = said?.dg == .crossings
    solvesApart = said?.wy != .joined
    formsInverse = said?.system == nil || said?.system == .inverse
    form = declaration.form
    clamp = declaration.clamp
    betaPrecision = declaration.betaPrecision
    decayPrecision = declaration.decayPrecision
    headPrecision = declaration.headPrecision
    products = declaration.products
    u = arithmetic == .working ? Precision.fp32.unitRoundoff : Precision.fp64.unitRoundoff
  }
}
