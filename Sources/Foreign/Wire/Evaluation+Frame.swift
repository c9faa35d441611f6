import GatedDeltaRule

extension Evaluation {
  /// Reads the results that are there, by their wire names; what is absent was not computed. Inputs in the frame
  /// are left aside.
  ///
  /// - Parameter contract: that of the problem, which says how states lie.
  public init(frame: Frame, shape: Shape, contract: Contract = .plain) throws(InvalidCase) {
    try frame.checkNames()
    let frame = frame.turningStates(contract)
    var results: [Quantity: Tensor] = [:]
    for quantity in Quantity.allCases {
      guard var tensor = try frame.numbers(quantity.rawValue) else { continue }
      let expected = quantity.shape(in: shape)
      if quantity == .dA_log { tensor = tensor.column(expected) }
      guard tensor.shape == expected else {
        throw .problem(.shape(name: quantity.rawValue, found: tensor.shape, expected: expected))
      }
      results[quantity] = tensor
    }
    self.init(results: results)
  }
}

extension Frame {
  /// An answer by its wire names, each number rounded to `precision` unless it is in a coarser format already.
  public init(
    _ evaluation: Evaluation, level: Level, precision: Precision, contract: Contract = .plain,
    metadata: [String: String] = [:]
  ) {
    self.init(metadata: metadata)
    for (quantity, tensor) in evaluation.results {
      let isCoarser = tensor.precision.unitRoundoff > precision.unitRoundoff
      entries[quantity.rawValue] = .numbers(isCoarser ? tensor : tensor.rounded(to: precision))
    }
    put(contract)
    self = turningStates(contract)
    memory = evaluation.memory
    self.metadata["level"] = level.rawValue
    self.metadata["precision"] = precision.rawValue
  }
}
