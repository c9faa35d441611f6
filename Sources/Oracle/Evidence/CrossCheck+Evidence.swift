import GatedDeltaRule
import Sweep

/// The third yardstick: an answer within its bound is compared with honest answers whose roundings lie elsewhere.
extension CrossCheck {
  /// The results that twins are asked about; none where the bound and the run in fp64 say all there is to say.
  func resultsForTwins(_ declaration: Declaration, hasDouble: Bool) -> [Quantity] {
    let isCoarse = declaration.isCoarse || (!hasDouble && problem.primals.q.precision.isCoarse)
    if isCoarse { return asked }
    guard !hasDouble, case .chunked = declaration.form, problem.primals.q.precision == .fp32 else {
      return []
    }
    // What the bound of a chunked form proves little of.
    return asked.filter { [.dA_log, .ddt_bias, .da, .dg].contains($0) }
  }

  /// The results of an answer that agrees of which twins know how large honest errors are; nil where no twin is asked.
  func resultsKnownToTwins(
    _ answer: Evaluation, _ judgement: Judgement, _ declaration: Declaration
  ) -> [Quantity]? {
    let hasDouble =
      !judgement.doubleRatios.isEmpty || judgement.leavesDoubleOut
      || judgement.note == CrossCheck.softplusNote
    var quantities = resultsForTwins(declaration, hasDouble: hasDouble).filter { answer[$0] != nil }
    guard !quantities.isEmpty, problem.shape.T > 0, !judgement.isExact else { return nil }
    // Nor do they know of roundings that are declared and not made.
    let isAsDeclared = judgement.note.map { !$0.hasSuffix(CrossCheck.unmade) } ?? true
    let decay = leastDecayOfChunks(declaration)
    guard !judgement.isOverflow, judgement.clampDeviation.isEmpty, isAsDeclared, decay >= 0x1p-126,
      knowsRule(declaration, isCoarse: declaration.isCoarse || problem.primals.q.precision.isCoarse)
    else { return [] }
    if !(decay >= 0x1p-24) { quantities.removeAll(where: \.isGradient) }
    let contract = problem.contract.acting(at: problem.level)
    // Next to a rounding between calls, and to a way back in 16 bits, what twins lose is not the whole. Nor where what
    // crosses a chunk is all there may be and operands decay to the subnormals of fp16: which do is a matter of order.
    if contract.state != .fp32 { quantities.removeAll { $0 == .stateOut } }
    if declaration.products == .fp16, decayFalls(below: 0x1p-14, declaration) {
      quantities.removeAll { $0 == .stateOut || $0 == .dstateIn }
    }
    if contract.queryKey != .given, declaration.queryKeyPrecision?.isCoarse == true {
      quantities.removeAll { $0 == .dq || $0 == .dk }
    }
    return quantities.filter { cancellation(in: $0, declaration) <= CaseEvidence.cancellation }
  }

  /// Whether twins make gates, queries and keys as the implementation may: beside roundings of 16 bits or of TF32 nothing is
  /// seen of the way through a logarithm, or from one that is given, in fp32; beside such products nothing of other gates,
  /// nor of a normalisation of which it is said what it is rounded to.
  private func knowsRule(_ declaration: Declaration, isCoarse: Bool) -> Bool {
    guard isCoarse else { return problem.isOfFirstModels && !reaches(declaration.clamp) }
    guard !problem.isOfFirstModels else { return true }
    if !problem.isOfFirstModelsButForLog {
      guard declaration.products != .fp32, case .chunked = declaration.form,
        !lacksNormalisedFormat(declaration)
      else { return false }
    }
    return PlainRule(problem) != nil
  }

  /// Whether q and k are normalised beside coarse products, and it is not said what they are rounded to.
  private func lacksNormalisedFormat(_ declaration: Declaration) -> Bool {
    declaration.products != .fp32 && problem.contract.queryKey != .given
      && declaration.queryKeyPrecision == nil
  }

  private static let unsaidFormat =
    "twins are not asked: q and k are normalised, and the roundings do not say what they are rounded to (qk:input, qk:fp32)"

  /// Whether so little cancels in a result that one case may convict alone; not by way of another rule than that of the
  /// first models, where gradients may be stored on their way once more or once less.
  func mayConvictAlone(_ quantity: Quantity, _ declaration: Declaration) -> Bool {
    problem.isOfFirstModelsButForLog
      && cancellation(in: quantity, declaration) <= CaseEvidence.cancellationAlone
  }

  /// What an answer that agrees says beside that; nil where no twin is asked.
  ///
  /// Where it shows by itself what no honest kernel does, once in ten million runs, and fresh twins confirm it, the
  /// judgement says so; where its errors are merely larger than those of what is declared it is noted.
  func weigh(
    _ answer: Evaluation, _ judgement: inout Judgement, _ declaration: Declaration
  ) -> CaseEvidence? {
    guard let quantities = resultsKnownToTwins(answer, judgement, declaration) else { return nil }
    guard !quantities.isEmpty else {
      if judgement.note == nil, lacksNormalisedFormat(declaration) {
        judgement.note = CrossCheck.unsaidFormat
      }
      return .silent
    }
    let runs = TwinRuns.usual(problem, declaration, answer)
    guard runs.work * Double(TwinRuns.usual) <= CaseEvidence.budget else { return .tooLarge }
    let projections = projections(of: quantities, declaration)
    let bias = Score.allowedBias * coarsestRoundoff(declaration, answer)
    func found(_ seed: UInt64, _ count: Int, in quantities: [Quantity]) -> [ResultEvidence] {
      let errors = TwinErrors(runs, seed: seed, count: count)
      return quantities.compactMap { quantity in
        guard let projection = projections[quantity], let tensor = answer[quantity], tensor.isFinite else {
          return nil
        }
        return errors.evidence(of: tensor, quantity, projection, bias: bias)
      }
    }
    let usual = found(seed, TwinRuns.usual, in: quantities)
    let standing = usual.filter(\.standsOut).map(\.quantity).filter { mayConvictAlone($0, declaration) }
    if !standing.isEmpty, runs.work * Double(TwinRuns.fresh) <= 4 * CaseEvidence.budget {
      let fresh = found(~seed, TwinRuns.fresh, in: standing)
      if let disagreement = fresh.compactMap(\.disagreement).max(by: { $0.ratio < $1.ratio }) {
        judgement.verdict = .disagrees(disagreement)
      }
    }
    let wide = usual.filter { !($0.spread <= ResultEvidence.largestSpread) }.map(\.quantity)
    if judgement.note == nil, !wide.isEmpty {
      judgement.note = found(~seed, TwinRuns.usual, in: wide).compactMap(\.note).first
    }
    return usual.isEmpty ? .silent : .found(usual)
  }

  /// The least live decay of a chunked form; 1 where the form has no chunks.
  ///
  /// A form that adds logarithms loses those of the tokens beside it, by as much as this one is large; below the normal
  /// numbers of fp32 the twin begins a chunk and loses nothing. Gradients by gates are sums of terms that such a decay
  /// does not make small, and that leave their roundings: below the unit roundoff of fp32 these are all there is.
  func leastDecayOfChunks(_ declaration: Declaration) -> Double {
    guard case .chunked = declaration.form else { return 1 }
    let gates = gates(clamp: declaration.clamp)
    var least = 1.0
    forEachLive(problem) { token in
      // NaN is kept: less than any limit.
      for i in token * gates.width..<(token + 1) * gates.width where !least.isNaN && !(gates.g[i] >= least) {
        least = gates.g[i]
      }
    }
    return least
  }

  /// How much larger than a result the terms are that cancel in it, in the Frobenius norm and plain fp32.
  private func cancellation(in quantity: Quantity, _ declaration: Declaration) -> Double {
    let o = reference(for: declaration)[quantity]?.values.reduce(0) { $0 + $1 * $1 } ?? 0
    return terms(of: quantity, declaration.plain) / o.squareRoot()
  }

  /// The coarsest unit roundoff of what is declared, of the inputs and of the results.
  func coarsestRoundoff(_ declaration: Declaration, _ answer: Evaluation) -> Double {
    let formats =
      [problem.primals.q.precision, declaration.headPrecision, declaration.queryKeyPrecision ?? .fp32]
      + answer.results.values.map(\.precision).filter { $0 != .fp64 }
    return max(formats.map(\.unitRoundoff).max() ?? 0, declaration.products.unitRoundoff)
  }

  /// How errors of results are projected.
  func projections(of quantities: [Quantity], _ declaration: Declaration) -> PerQuantity<Projection> {
    let reference = reference(for: declaration)
    let chunk: Int? = if case .chunked(let length) = declaration.form { length } else { nil }
    let derivatives = derivatives(DeclaredGates(declaration))
    var projections = PerQuantity<Projection>()
    for quantity in quantities {
      guard let o = reference[quantity], o.isFinite else { continue }
      projections[quantity] = Projection(
        quantity, o, on: problem, chunk: chunk,
        derivatives: derivatives.compactMap { input, moved in
          moved[quantity].flatMap { $0.isFinite ? (input, $0) : nil }
        })
    }
    return projections
  }

  /// What results move by with a gain of an input, by central differences: the step is so small that what is of third
  /// order in it is nothing, and so large that fp64 has twelve digits left.
  private func derivatives(_ declared: DeclaredGates) -> [(Input, PerQuantity<Tensor>)] {
    if let known = shared.derivatives.first(where: { $0.declared == declared }) { return known.values }
    let step = 0x1p-10
    let core = coreProblem(declared)
    func moved(_ input: Input, by factor: Double) -> Reference? {
      var draft = Draft(core)
      guard let tensor = draft[input] else { return nil }
      draft[input] = Tensor(
        shape: tensor.shape, precision: .fp64, values: tensor.values.map { $0 * factor })
      return (try? draft.problem(domain: .any)).map { Reference($0) }
    }
    let values = Direction.inputs.compactMap { input -> (Input, PerQuantity<Tensor>)? in
      guard let above = moved(input, by: 1 + step), let below = moved(input, by: 1 - step) else { return nil }
      var derivative = PerQuantity<Tensor>()
      for quantity in Quantity.all(at: .core) {
        guard let high = above[quantity], let low = below[quantity] else { continue }
        derivative[quantity] = Tensor(
          shape: high.shape, precision: .fp64,
          values: high.values.indices.map { (high.values[$0] - low.values[$0]) / (2 * step) })
      }
      return (input, derivative)
    }
    shared.derivatives.append((declared, values))
    return values
  }

  /// The problem with the gates that act, at core level: gains of g and beta are told of these.
  private func coreProblem(_ declared: DeclaredGates) -> Problem {
    let problem =
      self.problem.isOfFirstModelsButForLog ? self.problem : PlainRule(self.problem)?.problem ?? self.problem
    guard problem.level == .model || declared.areRounded else { return problem }
    let gates = gates(declared)
    let (shape, primals) = (problem.shape, problem.primals)
    let core = Primals(
      q: primals.q, k: primals.k, v: primals.v,
      gates: .core(
        g: Tensor(shape: shape.gate, precision: .fp64, values: Array(gates.g)),
        beta: Tensor(shape: shape.token, precision: .fp64, values: Array(gates.beta))), state: primals.state)
    let made = try? Problem(
      shape: shape, primals: core, mask: problem.mask, cotangents: problem.cotangents, domain: .any)
    return made ?? problem
  }
}
