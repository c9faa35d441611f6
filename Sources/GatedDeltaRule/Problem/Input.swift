/// A tensor of numbers that a problem may hold, by its wire name: what `Quantity` is for results. The mask, which
/// holds no numbers, is none of them.
public enum Input: String, Hashable, Sendable, CaseIterable {
  case q
  case k
  case v
  case g
  case beta
  case a
  case b
  case A_log
  case dt_bias
  case dy
  case stateIn = "state_in"
  case dstateOut = "dstate_out"

  /// The gates that a problem of this level has, all of them and no others.
  public static func gates(at level: Level) -> [Input] {
    switch level {
    case .core: [.g, .beta]
    case .model: [.a, .b, .A_log, .dt_bias]
    }
  }

  /// Whether it has one entry per token (and so none that counts where the token is masked).
  public var isPerToken: Bool {
    switch self {
    case .q, .k, .v, .g, .beta, .a, .b, .dy: true
    case .A_log, .dt_bias, .stateIn, .dstateOut: false
    }
  }

  /// The shape it must have in a problem of this shape.
  public func shape(in shape: Shape) -> [Int] {
    switch self {
    case .q, .k: shape.key
    case .v, .dy: shape.value
    case .g, .a: shape.gate
    case .beta, .b: shape.token
    case .A_log: shape.A_log
    case .dt_bias: shape.dt_bias
    case .stateIn, .dstateOut: shape.state
    }
  }

  /// The gradient of the loss by it; a cotangent has none.
  public var gradient: Quantity? {
    switch self {
    case .q: .dq
    case .k: .dk
    case .v: .dv
    case .g: .dg
    case .beta: .dbeta
    case .a: .da
    case .b: .db
    case .A_log: .dA_log
    case .dt_bias: .ddt_bias
    case .stateIn: .dstateIn
    case .dy, .dstateOut: nil
    }
  }
}

extension Input {
  /// Its place in the order of the inputs, from 0.
  public var ordinal: Int {
    switch self {
    case .q: 0
    case .k: 1
    case .v: 2
    case .g: 3
    case .beta: 4
    case .a: 5
    case .b: 6
    case .A_log: 7
    case .dt_bias: 8
    case .dy: 9
    case .stateIn: 10
    case .dstateOut: 11
    }
  }
}
