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

  /// Whether these are its sizes in a problem of this shape.
  public func hasShape(_ sizes: [Int], in shape: Shape) -> Bool {
    let (B, T, Hv, Dk) = (shape.B, shape.T, shape.Hv, shape.Dk)
    let isPerChannel = shape.decayKind == .perChannel
    return switch self {
    case .q, .k: sizes.isList(B, T, shape.Hk, Dk)
    case .v, .dy: sizes.isList(B, T, Hv, shape.Dv)
    case .g, .a: isPerChannel ? sizes.isList(B, T, Hv, Dk) : sizes.isList(B, T, Hv)
    case .beta, .b: sizes.isList(B, T, Hv)
    case .A_log: isPerChannel ? sizes.isList(Hv, 1) : sizes.isList(Hv)
    case .dt_bias: isPerChannel ? sizes.isList(Hv, Dk) : sizes.isList(Hv)
    case .stateIn, .dstateOut: sizes.isList(B, Hv, shape.Dv, Dk)
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

/// A list of sizes is compared with sizes; making another one for that would take longer than the rest of a small case's
/// checks.
extension [Int] {
  fileprivate func isList(_ first: Int) -> Bool { count == 1 && self[0] == first }

  fileprivate func isList(_ first: Int, _ second: Int) -> Bool {
    count == 2 && self[0] == first && self[1] == second
  }

  fileprivate func isList(_ first: Int, _ second: Int, _ third: Int) -> Bool {
    count == 3 && self[0] == first && self[1] == second && self[2] == third
  }

  fileprivate func isList(_ first: Int, _ second: Int, _ third: Int, _ fourth: Int) -> Bool {
    count == 4 && self[0] == first && self[1] == second && self[2] == third && self[3] == fourth
  }
}
