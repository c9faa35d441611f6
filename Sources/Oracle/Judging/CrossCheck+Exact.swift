import GatedDeltaRule
import Generator

/// Cases in which nothing has to be rounded.
///
/// Where the generator drew such a case and its proof holds for the form and the formats that are declared, no honest
/// implementation makes an error, however coarse: its allowance is 0, and nothing that is declared widens it. Some steps
/// are not exact all the same: where a token decays by 1/2, or the gates are a model's, an implementation may go through
/// the logarithm; where q and k are normalised, epsilon is not nothing; where the root of Dk is no power of two, q may be
/// divided by that root and be undone outside. It is then allowed what plain fp32 may lose in the same form, twice: a
/// rounding to a coarse format of what should be one of its numbers gives that number or, where it is 0, adds 2^-p of the
/// error.
extension CrossCheck {
  /// How exact an answer must be.
  enum Exact: Hashable {
    /// To the last bit.
    case whole
    /// But for what fp32 loses in a step that honest implementations need and that is not exact.
    case butFor(Disagreement.Exact.Exemption)
  }

  /// How exact an answer with this declaration must be; nil where rounding is to be expected.
  func exact(for declaration: Declaration) -> Exact? {
    guard shared.isDrawnExact(recipe) else { return nil }
    let arithmetic = ExactArithmetic(declaration, inputs: problem.primals.q.precision)
    guard shared.isProved(problem, for: arithmetic) else { return nil }
    if decays { return .butFor(.decay) }
    if problem.contract.queryKey != .given { return .butFor(.norm) }
    return isRootOfChannelsExact ? .whole : .butFor(.scale)
  }

  /// Whether dividing by the root of Dk and multiplying by it again changes no number.
  private var isRootOfChannelsExact: Bool { Double(problem.shape.Dk).squareRoot().significand == 1 }

  private var decays: Bool {
    guard case .core(let g, _) = problem.primals.gates else { return true }
    let width = problem.shape.Hv * problem.shape.decayWidth
    let nothing = problem.givesLogDecay ? 0.0 : 1
    return g.values.indices.contains { i in
      g.values[i] != nothing && problem.mask.map { $0.live[i / width] } ?? true
    }
  }

  /// One answer against the reference.
  func compareExactly(
    _ answer: Evaluation, _ exact: Exact, _ declaration: Declaration, storedAs precision: Precision? = nil
  ) -> [Comparison] {
    let reference = reference(for: declaration)
    return asked.compactMap { quantity in
      guard let found = answer[quantity], let o = reference[quantity] else { return nil }
      return Comparison(
        quantity, found: found, exactly: o,
        allowing: allowance(quantity, o, exact, declaration, storedAs: precision ?? found.precision),
        problem: problem)
    }
  }

  /// What is left of the bound: nothing, or what the decay or the scale of q takes; and one rounding where the format
  /// that a result is stored in has no room for it.
  func allowance(
    _ quantity: Quantity, _ o: Tensor, _ exact: Exact, _ declaration: Declaration,
    storedAs precision: Precision
  ) -> Tensor {
    var allowed = Tensor(shape: o.shape, precision: .fp64)
    if exact != .whole, let bound = bound(for: declaration.withoutCoarseProducts)[quantity] {
      let reaches = exact == .butFor(.scale) ? tokensOfScale(quantity) : nil
      let width = max(1, bound.values.count / max(1, reaches?.count ?? 1))
      for i in bound.values.indices where reaches.map({ $0[i / width] }) ?? true {
        allowed.values[i] = 2 * bound.values[i]
      }
    }
    if precision != .fp64 {
      for i in o.values.indices where precision.round(o.values[i]) != o.values[i] {
        allowed.values[i] += precision.unitRoundoff * o.values[i].magnitude
      }
    }
    return allowed
  }

  /// Where the scale of q is in a result, by token, [B, T], or by row, [B]: in y where there is a query, in dq where there is
  /// a cotangent, and in all other gradients up to the last token that has both; of dg in the whole row, since a sum from
  /// the end may be made as all less a sum from the beginning. No query is in a state.
  private func tokensOfScale(_ quantity: Quantity) -> [Bool] {
    let (B, T) = (problem.shape.B, problem.shape.T)
    func hasAny(_ tensor: Tensor?) -> [Bool] {
      guard let values = tensor?.values else { return [Bool](repeating: false, count: B * T) }
      let width = values.count / max(1, B * T)
      return (0..<B * T).map { token in
        problem.mask?.live[token] != false
          && values[token * width..<(token + 1) * width].contains { $0 != 0 }
      }
    }
    let (queries, cotangents) = (hasAny(problem.primals.q), hasAny(problem.cotangents.y))
    switch quantity {
    case .y: return queries
    case .dq: return cotangents
    case .stateOut: return [Bool](repeating: false, count: B)
    default:
      var reached = zip(queries, cotangents).map { $0 && $1 }
      for token in (0..<B * T).reversed() where token % T < T - 1 {
        reached[token] = reached[token] || reached[token + 1]
      }
      if quantity.isPerToken, quantity != .dg { return reached }
      return (0..<B).map { T > 0 && reached[$0 * T] }
    }
  }

  /// In which formats a case is exact, as a person reads it.
  func formats(of declaration: Declaration) -> String {
    let inputs = ProductFormat(problem.primals.q.precision)
    return [inputs, declaration.products].max { $0.unitRoundoff < $1.unitRoundoff }!.rawValue
  }
}

extension Declaration {
  /// The same form in plain fp32; a decay that is rounded on purpose stays so.
  fileprivate var withoutCoarseProducts: Declaration {
    var plain = Declaration(form: form, clamp: clamp)
    plain.decayPrecision = decayPrecision
    return plain
  }
}
