/// One case: the inputs of the rule and the cotangents of its outputs.
public struct Problem: Hashable, Sendable {
  /// Dimensions.
  @inlinable public var shape: Shape { parts.shape }
  /// Inputs.
  @inlinable public var primals: Primals { parts.primals }
  /// Which tokens are real; absent means all.
  @inlinable public var mask: Mask? { parts.mask }
  /// dL/dy and dL/dstate. What `y` holds at masked tokens carries no meaning.
  @inlinable public var cotangents: Outputs { parts.cotangents }
  /// Which rule is asked for.
  @inlinable public var contract: Contract { parts.contract }
  /// In which calls an engine is to be given the tokens, on which pool of states; absent means only in one.
  @inlinable public var calls: Calls? { parts.calls }

  /// A problem is handed from one to the next all the time: whoever keeps it counts one reference, not one for every
  /// tensor in it.
  @usableFromInline let parts: ProblemParts

  /// Which values a problem may hold at live tokens.
  public enum Domain: Sendable {
    /// Finite inputs and g >= 0; A_log may also be minus infinity (no decay), and so may a logarithm of g (no state).
    case legal
    /// Anything: for asking whether a NaN that goes in comes out.
    case any
  }

  /// - Throws: `InvalidProblem` for a shape that does not fit, or a live value outside the domain. Masked tokens
  ///   may hold anything.
  public init(
    shape: Shape, primals: Primals, mask: Mask? = nil, cotangents: Outputs, contract: Contract = .plain,
    calls: Calls? = nil, domain: Domain = .legal
  ) throws(InvalidProblem) {
    parts = ProblemParts(
      shape: shape, primals: primals, mask: mask, cotangents: cotangents, contract: contract, calls: calls)
    if fits(shape, in: domain) { return }
    // What does not fit at first sight is looked at again by name: pads may hold anything.
    for (input, tensor) in tensors {
      let expected = input.shape(in: shape)
      guard tensor.shape == expected else {
        throw .shape(name: input.rawValue, found: tensor.shape, expected: expected)
      }
    }
    if let mask, [mask.B, mask.T] != [shape.B, shape.T] {
      throw .shape(name: "mask", found: [mask.B, mask.T], expected: [shape.B, shape.T])
    }
    if case .legal = domain { try checkValues() }
  }

  /// Core or model level.
  public var level: Level { primals.level }

  /// Whether any input is fp64, so that only arithmetic in fp64 sees the problem as it is.
  public var needsDouble: Bool {
    func isDouble(_ tensor: Tensor?) -> Bool { tensor?.precision == .fp64 }
    let ofGates =
      switch primals.gates {
      case .core(let g, let beta): isDouble(g) || isDouble(beta)
      case .model(let a, let b, let A_log, let dt_bias):
        isDouble(a) || isDouble(b) || isDouble(A_log) || isDouble(dt_bias)
      }
    return ofGates || isDouble(primals.q) || isDouble(primals.k) || isDouble(primals.v)
      || isDouble(primals.state) || isDouble(cotangents.y) || isDouble(cotangents.state)
  }

  /// The quantities that it asks for.
  public var quantities: [Quantity] { contract.quantities(at: level) }

  /// Whether token `t` of batch row `b` is real.
  public func isLive(_ b: Int, _ t: Int) -> Bool { mask.map { $0[b, t] } ?? true }

  /// Every tensor present, in the order that digests are taken in.
  public var tensors: [(input: Input, tensor: Tensor)] {
    var list = [(Input.q, primals.q), (.k, primals.k), (.v, primals.v)]
    switch primals.gates {
    case .core(let g, let beta): list += [(.g, g), (.beta, beta)]
    case .model(let a, let b, let A_log, let dt_bias):
      list += [(.a, a), (.b, b), (.A_log, A_log), (.dt_bias, dt_bias)]
    }
    if let state = primals.state { list.append((.stateIn, state)) }
    if let dy = cotangents.y { list.append((.dy, dy)) }
    if let dstate = cotangents.state { list.append((.dstateOut, dstate)) }
    return list
  }

  /// Whether every shape is right and every value legal, masked ones included.
  private func fits(_ shape: Shape, in domain: Domain) -> Bool {
    func fits(_ tensor: Tensor?, _ input: Input) -> Bool {
      guard let tensor else { return true }
      return input.hasShape(tensor.shape, in: shape) && (domain == .any || tensor.isFinite)
    }
    if let mask, mask.B != shape.B || mask.T != shape.T { return false }
    let gatesFit =
      switch primals.gates {
      case .core(let g, let beta):
        fits(g, .g) && fits(beta, .beta)
          && (domain == .any || contract.decay == .log || g.values.allSatisfy { $0 >= 0 })
      case .model(let a, let b, let A_log, let dt_bias):
        fits(a, .a) && fits(b, .b) && fits(A_log, .A_log) && fits(dt_bias, .dt_bias)
      }
    return gatesFit && fits(primals.q, .q) && fits(primals.k, .k) && fits(primals.v, .v)
      && fits(primals.state, .stateIn) && fits(cotangents.y, .dy) && fits(cotangents.state, .dstateOut)
  }

  private func checkValues() throws(InvalidProblem) {
    for (input, tensor) in tensors {
      let tokens = input.isPerToken ? shape.B * shape.T : 1
      let width = tokens > 0 ? tensor.values.count / tokens : 0
      guard width > 0 else { continue }
      for (index, value) in tensor.values.enumerated() {
        let isLogarithm = input == .A_log || (input == .g && contract.decay == .log)
        if value.isFinite && (input != .g || isLogarithm || value >= 0) { continue }
        if isLogarithm && value == -.infinity { continue }
        if input.isPerToken, let mask, !mask.live[index / width] { continue }
        throw value.isFinite
          ? .negativeDecay(value: value, index: index)
          : .notFinite(name: input.rawValue, value: value, index: index)
      }
    }
  }
}
