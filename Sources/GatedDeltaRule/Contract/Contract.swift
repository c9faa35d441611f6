/// Which rule is computed, where kernels of today differ by design and not by mistake.
///
/// The plain one is that of the first models: g = exp(-exp(A_log) softplus(a + dt_bias)), beta = sigmoid(b), q and k
/// taken as they are, states [Dv, Dk] in fp32. What it says of the gates holds at model level, what it says of the
/// tensor g at core level.
public struct Contract: Hashable, Sendable {
  /// The logarithm of the decay, from x = a + dt_bias and A_log.
  public enum Gate: Hashable, Sendable {
    /// -exp(A_log) softplus(x).
    case softplus
    /// L sigmoid(exp(A_log) x) with L < 0, or L sigmoid(x) where there is no A_log: never below L.
    case bounded(Double, hasRate: Bool)
  }

  /// beta, from b.
  public enum Write: String, Hashable, Sendable, CaseIterable {
    /// 1 / (1 + e^-b).
    case sigmoid
    /// Twice that, so that a write may turn a component round.
    case doubleSigmoid = "2sigmoid"
  }

  /// What becomes of q and k.
  public enum QueryKey: Hashable, Sendable {
    /// Nothing.
    case given
    /// x / sqrt(<x, x> + epsilon), of each token and head, with its gradient.
    case l2norm(epsilon: Double)
  }

  /// What q is multiplied by, after it is normalised where it is.
  public enum Scale: Hashable, Sendable {
    /// Nothing.
    case one
    /// Dk^-1/2.
    case rsqrt
    /// A number.
    case value(Double)
  }

  /// What the tensor g holds, and so what dg is the gradient by.
  public enum Decay: String, Hashable, Sendable, CaseIterable {
    /// The factor.
    case linear
    /// Its logarithm; minus infinity forgets everything.
    case log
  }

  /// How states and their cotangents lie on the wire; a `Problem` always holds [Dv, Dk].
  public enum Layout: String, Hashable, Sendable, CaseIterable {
    /// [B, Hv, Dv, Dk].
    case valueKey = "vk"
    /// [B, Hv, Dk, Dv].
    case keyValue = "kv"
  }

  /// The logarithm of the decay.
  public var gate = Gate.softplus
  /// beta.
  public var write = Write.sigmoid
  /// What becomes of q and k.
  public var queryKey = QueryKey.given
  /// What q is multiplied by.
  public var scale = Scale.one
  /// What the tensor g holds.
  public var decay = Decay.linear
  /// How states lie on the wire.
  public var layout = Layout.valueKey
  /// The format of a state between calls: that of the initial state, and what the final one is rounded to.
  public var state = Precision.fp32

  /// The plain one.
  public init() {}

  /// That of the first models.
  public static let plain = Contract()
}

extension Problem {
  /// Whether its gates give the logarithm of g.
  public var givesLogDecay: Bool { level == .core && contract.decay == .log }

  /// L, where its gates bound the logarithm of g.
  public var leastLogDecay: Double? {
    if level == .model, case .bounded(let least, _) = contract.gate { least } else { nil }
  }

  /// Whether the rule that it asks for is that of the first models, however states lie on the wire.
  public var isOfFirstModels: Bool { isOfFirstModelsButForLog && !givesLogDecay }

  /// The same, but that the logarithm of g may be given.
  package var isOfFirstModelsButForLog: Bool {
    var contract = contract.acting(at: level)
    (contract.layout, contract.decay) = (.valueKey, .linear)
    return contract == .plain
  }

  /// What beta is times a sigmoid, at model level.
  public var writeFactor: Double { contract.write == .doubleSigmoid ? 2 : 1 }
}

extension Contract {
  /// Whether there is an A_log, and so a gradient by it.
  public var hasRate: Bool {
    if case .bounded(_, let hasRate) = gate { hasRate } else { true }
  }

  /// What q is multiplied by, for keys of so many channels.
  public func scaleFactor(Dk: Int) -> Double {
    switch scale {
    case .one: 1
    case .rsqrt: 1 / Double(Dk).squareRoot()
    case .value(let factor): factor
    }
  }

  /// Whether q and k reach the recurrence as they are.
  public var keepsQueryAndKey: Bool { queryKey == .given && scale == .one }

  /// The same with what matters at this level only.
  ///
  /// Not inlined: the optimiser of Swift 6.3 loses the lifetime of the copy in another module.
  @inline(never)
  public func acting(at level: Level) -> Contract {
    var acting = self
    if level == .core {
      acting.gate = .softplus
      acting.write = .sigmoid
    } else {
      acting.decay = .linear
    }
    return acting
  }

  /// The quantities that a problem of this level asks for.
  public func quantities(at level: Level) -> [Quantity] {
    let all = Quantity.all(at: level)
    return hasRate ? all : all.filter { $0 != .dA_log }
  }
}
