import GatedDeltaRule

/// A problem taken apart, to be put together differently: the transformations of the properties.
struct Draft {
  /// Scalar or per-channel decay.
  let decay: DecayKind
  /// Core or model level.
  let level: Level
  /// Which rule.
  var contract: Contract
  /// The tensors present, by the place of the input.
  private var tensors: [Tensor?]
  /// Which tokens are real.
  var mask: Mask?
  private var sizes: [Int]

  init(_ problem: Problem) {
    (decay, level, mask) = (problem.shape.decayKind, problem.level, problem.mask)
    contract = problem.contract
    sizes = Axis.allCases.map { problem.shape[$0] }
    tensors = [Tensor?](repeating: nil, count: Input.allCases.count)
    let primals = problem.primals
    (self[.q], self[.k], self[.v], self[.stateIn]) = (primals.q, primals.k, primals.v, primals.state)
    switch primals.gates {
    case .core(let g, let beta): (self[.g], self[.beta]) = (g, beta)
    case .model(let a, let b, let A_log, let dt_bias):
      (self[.a], self[.b], self[.A_log], self[.dt_bias]) = (a, b, A_log, dt_bias)
    }
    (self[.dy], self[.dstateOut]) = (problem.cotangents.y, problem.cotangents.state)
  }

  /// One tensor; nil takes it out. One that every problem has must not be taken out.
  subscript(input: Input) -> Tensor? {
    get { tensors[input.ordinal] }
    set { tensors[input.ordinal] = newValue }
  }

  /// How long an axis is.
  subscript(axis: Axis) -> Int { sizes[axis.rawValue] }

  /// Put together again.
  func problem(domain: Problem.Domain = .legal) throws(InvalidProblem) -> Problem {
    let shape = try Shape(
      B: self[.B], T: self[.T], Hk: self[.Hk], Hv: self[.Hv], Dk: self[.Dk], Dv: self[.Dv], decayKind: decay)
    let gates: Gates =
      switch level {
      case .core: .core(g: self[.g]!, beta: self[.beta]!)
      case .model: .model(a: self[.a]!, b: self[.b]!, A_log: self[.A_log]!, dt_bias: self[.dt_bias]!)
      }
    let primals = Primals(q: self[.q]!, k: self[.k]!, v: self[.v]!, gates: gates, state: self[.stateIn])
    return try Problem(
      shape: shape, primals: primals, mask: mask,
      cotangents: Outputs(y: self[.dy], state: self[.dstateOut]), contract: contract, domain: domain)
  }

  /// Whether the other is the same problem, to the bit.
  func isSame(as other: Draft) -> Bool {
    guard decay == other.decay, level == other.level, contract == other.contract, sizes == other.sizes,
      mask == other.mask
    else { return false }
    return zip(tensors, other.tensors).allSatisfy { one, other in
      guard let one, let other else { return one == nil && other == nil }
      return one.hasBits(of: other)
    }
  }

  /// Of all tensors.
  var elements: Int { tensors.reduce(0) { $0 + ($1?.values.count ?? 0) } }

  /// Takes these places along an axis, in this order, in every tensor that has it. nil stands for new ones: zeros,
  /// and live tokens.
  mutating func select(_ axis: Axis, _ places: [Int?]) {
    for input in Input.allCases {
      guard let tensor = self[input], let position = input.axes(decay).firstIndex(of: axis) else { continue }
      self[input] = tensor.selecting(places, axis: position)
    }
    if let mask, axis == .B || axis == .T {
      let flags = Tensor(shape: [mask.B, mask.T], values: mask.live.map { $0 ? 0 : 1 })
      let hidden = flags.selecting(places, axis: axis == .B ? 0 : 1)
      self.mask = Mask(B: hidden.shape[0], T: hidden.shape[1], live: hidden.values.map { $0 == 0 })
    }
    sizes[axis.rawValue] = places.count
  }

  /// All batch rows as one, the tokens of one row after those of the other. Without states and mask, which belong to
  /// rows, and without the cotangent of y unless that is wanted.
  mutating func joinRows(keepingReadouts: Bool = false) {
    let count = self[.B] * self[.T]
    reshapeTokens([1, count])
    for input in [Input.stateIn, .dstateOut] { self[input] = nil }
    if !keepingReadouts { self[.dy] = nil }
    mask = nil
  }

  /// One batch row as so many of the same length.
  ///
  /// - Precondition: there is one, and it divides.
  mutating func splitRows(_ rows: Int) {
    precondition(self[.B] == 1 && self[.T] % rows == 0)
    reshapeTokens([rows, self[.T] / rows])
  }

  private mutating func reshapeTokens(_ rows: [Int]) {
    for input in Input.allCases where input.isPerToken {
      guard let tensor = self[input] else { continue }
      var shape = tensor.shape
      (shape[0], shape[1]) = (rows[0], rows[1])
      self[input] = Tensor(shape: shape, precision: tensor.precision, values: tensor.values)
    }
    (sizes[Axis.B.rawValue], sizes[Axis.T.rawValue]) = (rows[0], rows[1])
  }

  /// Entries of one token of one batch row in a tensor that has tokens.
  func entries(_ input: Input, b: Int, t: Int) -> Range<Int> {
    let count = self[input].map { $0.values.count / (self[.B] * self[.T]) } ?? 0
    let token = b * self[.T] + t
    return token * count..<(token + 1) * count
  }

  /// Fills a token of every batch row.
  mutating func fill(_ input: Input, t: Int, with next: () -> Double) {
    guard self[input] != nil else { return }
    for b in 0..<self[.B] {
      for i in entries(input, b: b, t: t) { tensors[input.ordinal]!.values[i] = next() }
    }
  }

  /// Makes these entries of a tensor that is there one number.
  mutating func set(_ input: Input, _ entries: Range<Int>, to number: Double) {
    for i in entries { tensors[input.ordinal]!.values[i] = number }
  }

  /// Masks these tokens in every batch row.
  mutating func hide(_ tokens: Range<Int>) {
    let (B, T) = (self[.B], self[.T])
    let live = mask?.live ?? [Bool](repeating: true, count: B * T)
    mask = Mask(B: B, T: T, live: (0..<B * T).map { live[$0] && !tokens.contains($0 % T) })
  }

  /// A tensor of zeros in the format of a problem like this one.
  func zeros(_ input: Input) -> Tensor {
    let precision = input == .dy ? self[.v]!.precision : input == .stateIn ? contract.state : .fp32
    return Tensor(shape: input.axes(decay).map { self[$0] }, precision: precision)
  }
}

extension Problem {
  /// A tensor that has tokens, with zeros at masked ones, whatever they hold.
  func liveOnly(_ tensor: Tensor) -> Tensor {
    guard let mask, !mask.live.isEmpty else { return tensor }
    var copy = tensor
    let width = copy.values.count / mask.live.count
    copy.values.withUnsafeMutableBufferPointer { values in
      for token in mask.live.indices where !mask.live[token] {
        values[token * width..<(token + 1) * width].update(repeating: 0)
      }
    }
    return copy
  }
}
