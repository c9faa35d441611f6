import GatedDeltaRule

extension Frame {
  /// The answer to a step by its wire names.
  package init(_ answer: StepAnswer, to step: Step, metadata: [String: String] = [:]) {
    self.init(metadata: metadata)
    entries[Quantity.y.rawValue] = answer.y.map(Entry.numbers)
    entries[Frame.pool] = .numbers(answer.pool)
    entries[Frame.history] = answer.history.map(Entry.numbers)
    for (quantity, tensor) in answer.gradients { entries[quantity.rawValue] = .numbers(tensor) }
    self = turningStates(step.contract)
  }
}

extension StepAnswer {
  /// Reads the answer to a step, and checks that everything is there that it asks for.
  ///
  /// - Parameter arithmetic: in fp64 every tensor must be of that.
  package init(
    frame: Frame, to step: Step, arithmetic: Request.Arithmetic = .working
  ) throws(InvalidCase) {
    let gradients = step.gradientShapes
    let known = [Quantity.y.rawValue, Frame.pool, Frame.history] + gradients.keys.map(\.rawValue)
    let strays = frame.entries.keys.filter { !known.contains($0) }
    guard strays.isEmpty else { throw .stray(names: strays.sorted()) }
    let frame = frame.turningStates(step.contract)
    func read(_ name: String, _ shape: [Int]) throws(InvalidCase) -> Tensor {
      guard var tensor = try frame.numbers(name) else { throw .absent(name: name, step: step.kind) }
      if name == Quantity.dA_log.rawValue { tensor = tensor.column(shape) }
      guard tensor.shape == shape else {
        throw .problem(.shape(name: name, found: tensor.shape, expected: shape))
      }
      guard arithmetic == .working || tensor.precision == .fp64 else {
        throw .elementType(name: name, found: ElementType(tensor.precision), expected: "F64")
      }
      return tensor
    }
    let pool = try read(Frame.pool, step.pool.shape)
    let format = step.pool.precision
    self.init(pool: pool.rounded(to: format))
    if pool.precision.unitRoundoff > format.unitRoundoff { written = pool.precision }
    if let tokens = step.tokens { y = try read(Quantity.y.rawValue, tokens.shape.value) }
    for (quantity, shape) in gradients where frame.entries[quantity.rawValue] != nil {
      self.gradients[quantity] = try read(quantity.rawValue, shape)
    }
    guard step.wantsHistory else { return }
    let states = try read(Frame.history, step.historyShape)
    history = states.precision.unitRoundoff > format.unitRoundoff ? states : states.rounded(to: format)
  }
}
