import GatedDeltaRule

extension Problem {
  /// Reads a case by its wire names. The level follows from which gates are there, and the decay is per channel
  /// if `g` or `a` has four dimensions. Results in the frame are left aside.
  ///
  /// - Parameters:
  ///   - contract: the rule that is asked for, whatever the frame says; nil for what that says.
  ///   - domain: which values may stand there.
  public init(
    frame: Frame, contract: Contract? = nil, domain: Domain = .legal
  ) throws(InvalidCase) {
    try frame.checkNames()
    let contract = if let contract { contract } else { try frame.contract() }
    let frame = frame.turningStates(contract)
    let level = try frame.level()
    let (q, v) = (try frame.numbers(.q, level), try frame.numbers(.v, level))
    let decay = try frame.decay(level)
    guard q.shape.count == 4 else { throw .rank(name: "q", shape: q.shape, expected: "[B, T, Hk, Dk]") }
    guard v.shape.count == 4 else { throw .rank(name: "v", shape: v.shape, expected: "[B, T, Hv, Dv]") }
    let shape: Shape
    do throws(InvalidProblem) {
      shape = try Shape(
        B: q.shape[0], T: q.shape[1], Hk: q.shape[2], Hv: v.shape[2], Dk: q.shape[3], Dv: v.shape[3],
        decayKind: decay)
    } catch {
      throw .problem(error)
    }
    // A state has as many bytes in the file as it likes, none at all if it is absent, so that a few bytes could
    // ask for terabytes.
    guard let count = Tensor.count(of: shape.state), count <= Frame.stateLimit else {
      throw .stateTooLarge(shape: shape.state, limit: Frame.stateLimit)
    }
    self = try frame.problem(shape, level, contract, domain)
  }
}

extension Frame {
  /// Which gates are there, all of them and no others.
  fileprivate func level() throws(InvalidCase) -> Level {
    let core = Input.gates(at: .core).first { entries[$0.rawValue] != nil }
    let model = Input.gates(at: .model).first { entries[$0.rawValue] != nil }
    let level: Level
    switch (core, model) {
    case (nil, nil): throw .noGates
    case (let core?, let model?): throw .bothLevels(core: core.rawValue, model: model.rawValue)
    case (_, nil): level = .core
    case (nil, _): level = .model
    }
    if let text = metadata["level"] {
      guard let declared = Level(rawValue: text) else {
        throw .metadata(key: "level", value: text, expected: "core or model")
      }
      guard declared == level else { throw .level(declared: declared, found: level) }
    }
    // A file without a version, or that spells it another way, is read; one of a later version is not.
    if let text = metadata["protocol"], let version = Int(text.filter(\.isWholeNumber)),
      version > Frame.version
    {
      throw .metadata(key: "protocol", value: text, expected: "\(Frame.version)")
    }
    return level
  }

  /// Scalar or per channel, from the dimensions of the decay.
  fileprivate func decay(_ level: Level) throws(InvalidCase) -> DecayKind {
    let name: Input = level == .core ? .g : .a
    let gate = try numbers(name, level)
    switch gate.shape.count {
    case 3: return .scalar
    case 4: return .perChannel
    default:
      throw .rank(name: name.rawValue, shape: gate.shape, expected: "[B, T, Hv] or [B, T, Hv, Dk]")
    }
  }

  fileprivate func problem(
    _ shape: Shape, _ level: Level, _ contract: Contract, _ domain: Problem.Domain
  ) throws(InvalidCase) -> Problem {
    let gates: Gates
    switch level {
    case .core: gates = .core(g: try numbers(.g, level), beta: try numbers(.beta, level))
    case .model:
      gates = .model(
        a: try numbers(.a, level), b: try numbers(.b, level),
        A_log: try rates(shape, level, contract), dt_bias: try numbers(.dt_bias, level))
    }
    let primals = Primals(
      q: try numbers(.q, level), k: try numbers(.k, level), v: try numbers(.v, level), gates: gates,
      state: try numbers(Input.stateIn.rawValue))
    let cotangents = Outputs(
      y: try numbers(Input.dy.rawValue), state: try numbers(Input.dstateOut.rawValue))
    let mask = try mask(shape)
    do throws(InvalidProblem) {
      return try Problem(
        shape: shape, primals: primals, mask: mask, cotangents: cotangents, contract: contract,
        domain: domain)
    } catch {
      throw .problem(error)
    }
  }

  /// A_log; zeros where the contract has none.
  private func rates(_ shape: Shape, _ level: Level, _ contract: Contract) throws(InvalidCase) -> Tensor {
    if !contract.hasRate, entries[Input.A_log.rawValue] == nil { return Tensor(shape: shape.A_log) }
    return try numbers(.A_log, level).column(shape.A_log)
  }

  private func mask(_ shape: Shape) throws(InvalidCase) -> Mask? {
    let name = Frame.mask
    switch entries[name] {
    case nil: return nil
    case .numbers(let tensor):
      throw .elementType(name: name, found: ElementType(tensor.precision), expected: "BOOL or U8")
    case .flags(let flags):
      guard flags.shape == [shape.B, shape.T] else {
        throw .problem(.shape(name: name, found: flags.shape, expected: [shape.B, shape.T]))
      }
      return Mask(B: shape.B, T: shape.T, live: flags.values)
    }
  }

  /// A case by its wire names.
  public init(_ problem: Problem, metadata: [String: String] = [:]) {
    self.init(metadata: metadata)
    for (input, tensor) in problem.tensors { entries[input.rawValue] = .numbers(tensor) }
    if !problem.contract.hasRate { entries[Input.A_log.rawValue] = nil }
    if let mask = problem.mask {
      entries[Frame.mask] = .flags(Flags(shape: [mask.B, mask.T], values: mask.live))
    }
    put(problem.contract)
    self = turningStates(problem.contract)
    self.metadata["level"] = problem.level.rawValue
    self.metadata["precision"] = problem.primals.q.precision.rawValue
  }
}
