import GatedDeltaRule

/// A problem taken apart, to be put together differently: the transformations of the properties.
struct Draft {
  /// Scalar or per-channel decay.
  let decay: Decay
  /// Core or model level.
  let level: Level
  /// The tensors present.
  private(set) var tensors: [Input: Tensor] = [:]
  /// Which tokens are real.
  var mask: Mask?
  private var sizes: [Axis: Int]

  init(_ problem: Problem) {
    (decay, level, mask) = (problem.shape.decay, problem.level, problem.mask)
    sizes = Dictionary(uniqueKeysWithValues: Axis.allCases.map { ($0, problem.shape[$0]) })
    for (name, tensor, _) in problem.namedTensors {
      if let input = Input(rawValue: name) { tensors[input] = tensor }
    }
  }

  /// One tensor; nil takes it out. One that every problem has must not be taken out.
  subscript(input: Input) -> Tensor? {
    get { tensors[input] }
    set { tensors[input] = newValue }
  }

  /// How long an axis is.
  subscript(axis: Axis) -> Int { sizes[axis]! }

  /// Put together again.
  func problem(domain: Problem.Domain = .legal) throws(InvalidProblem) -> Problem {
    let shape = try Shape(
      B: self[.B], T: self[.T], Hk: self[.Hk], Hv: self[.Hv], Dk: self[.Dk], Dv: self[.Dv], decay: decay)
    let gates: Gates =
      switch level {
      case .core: .core(g: tensors[.g]!, beta: tensors[.beta]!)
      case .model:
        .model(a: tensors[.a]!, b: tensors[.b]!, A_log: tensors[.A_log]!, dt_bias: tensors[.dt_bias]!)
      }
    let primals = Primals(
      q: tensors[.q]!, k: tensors[.k]!, v: tensors[.v]!, gates: gates, state: tensors[.state])
    return try Problem(
      shape: shape, primals: primals, mask: mask,
      cotangents: Outputs(y: tensors[.dy], state: tensors[.dstate]), domain: domain)
  }

  /// Takes these places along an axis, in this order, in every tensor that has it. nil stands for new ones: zeros,
  /// and live tokens.
  mutating func select(_ axis: Axis, _ places: [Int?]) {
    for (input, tensor) in tensors {
      guard let position = input.axes(decay).firstIndex(of: axis) else { continue }
      tensors[input] = tensor.selecting(places, axis: position)
    }
    if let mask, axis == .B || axis == .T {
      let flags = Tensor(shape: [mask.B, mask.T], values: mask.live.map { $0 ? 0 : 1 })
      let hidden = flags.selecting(places, axis: axis == .B ? 0 : 1)
      self.mask = Mask(B: hidden.shape[0], T: hidden.shape[1], live: hidden.values.map { $0 == 0 })
    }
    sizes[axis] = places.count
  }

  /// Entries of one token of one batch row in a tensor that has tokens.
  func entries(_ input: Input, b: Int, t: Int) -> Range<Int> {
    let count = tensors[input].map { $0.values.count / (self[.B] * self[.T]) } ?? 0
    let token = b * self[.T] + t
    return token * count..<(token + 1) * count
  }

  /// Fills a token of every batch row.
  mutating func fill(_ input: Input, t: Int, with next: () -> Double) {
    guard tensors[input] != nil else { return }
    for b in 0..<self[.B] {
      for i in entries(input, b: b, t: t) { tensors[input]!.values[i] = next() }
    }
  }

  /// Masks these tokens in every batch row.
  mutating func hide(_ tokens: Range<Int>) {
    let (B, T) = (self[.B], self[.T])
    let live = mask?.live ?? [Bool](repeating: true, count: B * T)
    mask = Mask(B: B, T: T, live: (0..<B * T).map { live[$0] && !tokens.contains($0 % T) })
  }

  /// A tensor of zeros in the format of a problem like this one.
  func zeros(_ input: Input) -> Tensor {
    let precision = input == .dy ? tensors[.v]!.precision : .fp32
    return Tensor(shape: input.axes(decay).map { self[$0] }, precision: precision)
  }
}

/// Gates at their ends. At model level they come from inputs at which exp underflows in every arithmetic.
extension Draft {
  /// sigmoid is exactly 0 at minus this and exactly 1 at it; softplus is exactly 0 at minus half of it.
  private static let extreme = 1000.0

  /// Why the decay of a new token cannot be made exactly 1, or nil.
  var obstacleToKeeping: String? {
    guard level == .model, let A_log = tensors[.A_log], let bias = tensors[.dt_bias] else { return nil }
    let isOrdinary =
      A_log.values.allSatisfy { $0 < 80 } && bias.values.allSatisfy { $0.magnitude <= Draft.extreme / 2 }
    return isOrdinary ? nil : "A_log or dt_bias is at the end of its range"
  }

  /// beta := 1 or 0 in one token of every batch row.
  mutating func setWrite(_ writes: Bool, t: Int) {
    switch level {
    case .core: fill(.beta, t: t) { writes ? 1 : 0 }
    case .model: fill(.b, t: t) { writes ? Draft.extreme : -Draft.extreme }
    }
  }

  /// g := 1 in one token of every batch row.
  mutating func setKeep(t: Int) {
    switch level {
    case .core: fill(.g, t: t) { 1 }
    case .model: fill(.a, t: t) { -Draft.extreme }
    }
  }

  /// The input of the gate in question, and what it must hold for the gate to be exactly 0 or 1.
  var decayInput: Input { level == .core ? .g : .a }
  var writeInput: Input { level == .core ? .beta : .b }
  var keeping: Double { level == .core ? 1 : -Draft.extreme }
  var forgetting: Double { level == .core ? 0 : Draft.extreme }
  func writing(_ writes: Bool) -> Double {
    level == .core ? (writes ? 1 : 0) : writes ? Draft.extreme : -Draft.extreme
  }
}

extension Problem {
  /// A tensor that has tokens, with zeros at masked ones, whatever they hold.
  func liveOnly(_ tensor: Tensor) -> Tensor {
    guard let mask, !mask.live.isEmpty else { return tensor }
    var copy = tensor
    let width = copy.values.count / mask.live.count
    for token in mask.live.indices where !mask.live[token] {
      for i in token * width..<(token + 1) * width { copy.values[i] = 0 }
    }
    return copy
  }
}
