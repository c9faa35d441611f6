import GatedDeltaRule

extension Evaluation {
  /// Reads the results that are there, by their wire names; what is absent was not computed. Inputs in the frame
  /// are left aside.
  public init(frame: Frame, shape: Shape) throws(InvalidCase) {
    try frame.checkNames()
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
  /// An answer by its wire names, each number rounded to `precision`.
  public init(
    _ evaluation: Evaluation, level: Level, precision: Precision, metadata: [String: String] = [:]
  ) {
    self.init(metadata: metadata)
    for (quantity, tensor) in evaluation.results {
      entries[quantity.rawValue] = .numbers(tensor.rounded(to: precision))
    }
    self.metadata["protocol"] = String(Frame.version)
    self.metadata["level"] = level.rawValue
    self.metadata["precision"] = precision.rawValue
  }
}
