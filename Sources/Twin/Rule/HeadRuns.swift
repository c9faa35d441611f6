import GatedDeltaRule

/// The evaluation of a problem, head after head.
final class HeadRuns<Number: TwinNumber> {
  let problem: Problem
  let form: TwinForm
  /// Before they are rounded, and as an evaluation has them.
  let exactGates: TwinGates
  private(set) var gates: TwinGates
  let tape: Tape<Number>
  let sums: Sums<Number>
  let perChannel: Bool
  /// States at the beginning of each group, and the cotangent of the state.
  private var states: [Number] = []
  private var cotangent: [Number] = []

  init(_ problem: Problem, _ form: TwinForm, _ gates: TwinGates) {
    (self.problem, self.form, self.exactGates, self.gates) = (problem, form, gates, gates)
    tape = Tape(rounds: form.rounds)
    sums = Sums(problem, rounds: form.rounds)
    perChannel = problem.shape.decayKind == .perChannel
  }

  var isChunked: Bool { form.form != .sequential }

  func results(seed: UInt64?, gradients: Bool) -> PerQuantity<Tensor> {
    let shape = problem.shape
    let key = Dice.mixed(0x7477_696E, seed ?? 0)
    sums.begin(key: Dice.mixed(key, 0), isNearest: seed == nil)
    if form.rounds { gates = exactGates.rounded(problem, form, key: seed.map { _ in key }) }
    tape.isNearest = seed == nil
    for b in 0..<shape.B {
      for h in 0..<shape.Hv { run(b, h, key: Dice.mixed(key, UInt64(1 + b * shape.Hv + h)), gradients) }
    }
    if gradients { finishGates() }
    var results = PerQuantity<Tensor>()
    for quantity in Quantity.all(at: problem.level) where gradients || !quantity.isGradient {
      let storage = ProductFormat(form.storage[quantity] ?? .fp32)
      if storage != .fp32 { sums.scatter(quantity, to: storage) }
      results[quantity] = sums.tensor(quantity, shape)
    }
    return results
  }

  private func run(_ b: Int, _ h: Int, key: UInt64, _ gradients: Bool) {
    let shape = problem.shape
    let segments = Segments(shape, form) { isCut(b, $0, h) }
    let size = shape.Dk * shape.Dv
    let count = size * (segments.groups.count + 1)
    if states.count < count { states = [Number](repeating: 0, count: count) }
    if cotangent.count < size { cotangent = [Number](repeating: 0, count: size) }
    load(problem.primals.state, b, h, to: &states)
    load(problem.cotangents.state, b, h, to: &cotangent)
    for (index, group) in segments.groups.enumerated() {
      let isLast = index == segments.groups.count - 1
      tape.begin(key: Dice.mixed(key, UInt64(index)), records: isLast && gradients)
      let pass = Pass(self, b, h, segments.pieces[group])
      pass.forward(states, from: index * size)
      pass.storeOutputs()
      pass.store(pass.last, to: &states, from: (index + 1) * size)
      if isLast && gradients { goBack(pass) }
    }
    store(states, from: segments.groups.count * size, .stateOut, b, h)
    guard gradients else { return }
    for (index, group) in segments.groups.enumerated().dropLast().reversed() {
      tape.begin(key: Dice.mixed(key, UInt64(index)), records: true)
      let pass = Pass(self, b, h, segments.pieces[group])
      pass.forward(states, from: index * size)
      goBack(pass)
    }
    store(cotangent, from: 0, .dstateIn, b, h)
  }

  private func goBack(_ pass: Pass<Number>) {
    pass.backward(cotangent)
    pass.store(pass.leaves.state, to: &cotangent, from: 0, gradient: true)
    pass.storeGradients()
  }

  /// Whether a decay of this token has no logarithm.
  func isCut(_ b: Int, _ t: Int, _ h: Int) -> Bool {
    let (W, token) = (problem.shape.decayWidth, (b * problem.shape.T + t) * problem.shape.Hv + h)
    return (token * W..<(token + 1) * W).contains { gates.factor[$0] < TwinGates.least }
  }

  /// A state of one head, key channel by key channel.
  private func load(_ tensor: Tensor?, _ b: Int, _ h: Int, to memory: inout [Number]) {
    let (K, V) = (problem.shape.Dk, problem.shape.Dv)
    let first = (b * problem.shape.Hv + h) * K * V
    for c in 0..<K {
      for m in 0..<V { memory[c * V + m] = tensor.map { Number($0.values[first + m * K + c]) } ?? 0 }
    }
  }

  private func store(_ memory: [Number], from place: Int, _ quantity: Quantity, _ b: Int, _ h: Int) {
    let (K, V) = (problem.shape.Dk, problem.shape.Dv)
    let target = sums[quantity] + (b * problem.shape.Hv + h) * K * V
    for c in 0..<K { for m in 0..<V { target[m * K + c] = memory[place + c * V + m] } }
  }
}
