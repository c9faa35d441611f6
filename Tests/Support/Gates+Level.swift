import GatedDeltaRule

/// Gates of the other level than a test is about.
public struct WrongLevel: Error {}

extension Gates {
  /// Those of the core level.
  ///
  /// - Throws: `WrongLevel`.
  public var core: (g: Tensor, beta: Tensor) {
    get throws {
      guard case .core(let g, let beta) = self else { throw WrongLevel() }
      return (g, beta)
    }
  }

  /// Those of the model level.
  ///
  /// - Throws: `WrongLevel`.
  public var model: (a: Tensor, b: Tensor, A_log: Tensor, dt_bias: Tensor) {
    get throws {
      guard case .model(let a, let b, let A_log, let dt_bias) = self else { throw WrongLevel() }
      return (a, b, A_log, dt_bias)
    }
  }
}
