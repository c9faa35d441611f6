import GatedDeltaRule

/// How one honest evaluation goes: the order of its operations, and where it rounds to what.
package struct TwinForm: Hashable, Sendable {
  /// One token after the other, or UT/WY over chunks.
  package var form = Declaration.Form.sequential
  /// What the operands of the products of a chunk, and what goes from one to the next, are rounded to.
  package var operands = ProductFormat.fp32
  /// Which products those are; the others are of fp32.
  package var coarseProducts = Arrangement.Products.all
  /// What the operands of the triangular solve are rounded to.
  package var solve = ProductFormat.fp32
  /// U at once, or U and W apart.
  package var wy = Arrangement.WY.joined
  /// Where decay enters the products of a chunk.
  package var exponents = Arrangement.Exponents.gram
  /// How the triangular system is solved, and the way back through it.
  package var system = Arrangement.System.inverse
  /// How the inverse is formed.
  package var inverse = Arrangement.Inverse.rows
  /// How the gradient by the decay is put together.
  package var dg = Arrangement.DecayGradient.crossings
  /// The floor under the decay.
  package var clamp = Declaration.Clamp.none
  /// What beta is rounded to, to nearest.
  package var betaPrecision = Precision.fp32
  /// What exp(-|b|) is rounded to inside the sigmoid.
  package var sigmoidPrecision = Precision.fp32
  /// What g is rounded to, to nearest.
  package var decayPrecision = Precision.fp32
  /// What each value head's share of dq and dk is rounded to, and their sums.
  package var headPrecision = Precision.fp32
  /// What each result is stored as; what is absent is fp32.
  package var storage: [Quantity: Precision] = [:]
  /// Without roundings it is computed in fp64 throughout, and is the rule itself.
  package var rounds = true

  /// Sequential, fp32 throughout.
  package init() {}

  /// What a worker declares, completed by what is most usual where it is silent, with results stored as they are where
  /// q is of this format.
  package init(_ declaration: Declaration, inputs: Precision) {
    form = declaration.form
    (clamp, betaPrecision) = (declaration.clamp, declaration.betaPrecision)
    (decayPrecision, headPrecision) = (declaration.decayPrecision, declaration.headPrecision)
    sigmoidPrecision = declaration.sigmoidPrecision
    storage = TwinForm.storage(inputs: inputs)
    guard case .chunked = form else { return }
    operands = declaration.products
    let said = declaration.arrangement
    coarseProducts = said?.products ?? .all
    solve = said?.solve ?? .fp32
    wy = said?.wy ?? .joined
    exponents = said?.exponents ?? .gram
    system = said?.system ?? .inverse
    inverse = said?.inverse ?? .rows
    dg = said?.dg ?? .crossings
  }

  /// The formats of results where q is of this format: those of q, k, v, beta, a and b, else fp32.
  package static func storage(inputs: Precision) -> [Quantity: Precision] {
    var storage: [Quantity: Precision] = [:]
    for quantity in [Quantity.y, .dq, .dk, .dv, .dbeta, .da, .db] { storage[quantity] = inputs }
    if inputs == .fp64 { for quantity in Quantity.allCases { storage[quantity] = .fp64 } }
    return storage
  }

  /// The same with results stored as this answer stores them.
  package func storing(as evaluation: Evaluation) -> TwinForm {
    var form = self
    for (quantity, tensor) in evaluation.results { form.storage[quantity] = tensor.precision }
    return form
  }

  /// The forms that a declaration leaves open, at most four, in which each usual way occurs: an error is honest where
  /// one of them has it.
  package static func usual(for declaration: Declaration, inputs: Precision) -> [TwinForm] {
    var plain = TwinForm(declaration, inputs: inputs)
    guard case .chunked = plain.form else { return [plain] }
    let said = declaration.arrangement
    if said?.solve == nil {
      // Kernels of fp16 solve in TF32, which has its fraction and more range.
      plain.solve = plain.operands == .fp16 ? .tf32 : plain.operands
    }
    var forms: [TwinForm] = []
    for way in usualWays {
      var form = plain
      form.wy = said?.wy ?? way.wy
      form.system = said?.system ?? way.system
      form.inverse = said?.inverse ?? way.inverse
      form.dg = said?.dg ?? way.dg
      if !forms.contains(form) { forms.append(form) }
    }
    return forms
  }

  private typealias Way = (
    wy: Arrangement.WY, system: Arrangement.System, inverse: Arrangement.Inverse,
    dg: Arrangement.DecayGradient
  )

  private static let usualWays: [Way] = [
    (.split, .inverse, .rows, .cumsum), (.joined, .solution, .rows, .crossings),
    (.joined, .inverse, .powers, .crossings), (.split, .solution, .powers, .cumsum),
  ]
}
