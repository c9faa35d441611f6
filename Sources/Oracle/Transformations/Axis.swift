import GatedDeltaRule

/// The letters of the dimensions, as names of what a tensor runs along.
package enum Axis: Int, Hashable, Sendable, CaseIterable, Codable {
  case B, T, Hk, Hv, Dk, Dv
}

extension Axis {
  /// For people, one place of it and several.
  var noun: (one: String, many: String) {
    switch self {
    case .B: ("row of the batch", "rows of the batch")
    case .T: ("token", "tokens")
    case .Hk: ("key head", "key heads")
    case .Hv: ("value head", "value heads")
    case .Dk: ("key channel", "key channels")
    case .Dv: ("value channel", "value channels")
    }
  }
}

extension Shape {
  /// How long an axis is.
  subscript(axis: Axis) -> Int {
    switch axis {
    case .B: B
    case .T: T
    case .Hk: Hk
    case .Hv: Hv
    case .Dk: Dk
    case .Dv: Dv
    }
  }
}

extension Quantity {
  /// What it runs along, outermost first; a last axis of one (dA_log per channel) has no letter.
  func axes(_ decay: DecayKind) -> [Axis] {
    switch self {
    case .y, .dv: [.B, .T, .Hv, .Dv]
    case .dq, .dk: [.B, .T, .Hk, .Dk]
    case .dg, .da: decay == .scalar ? [.B, .T, .Hv] : [.B, .T, .Hv, .Dk]
    case .dbeta, .db: [.B, .T, .Hv]
    case .dA_log: [.Hv]
    case .ddt_bias: decay == .scalar ? [.Hv] : [.Hv, .Dk]
    case .stateOut, .dstateIn: [.B, .Hv, .Dv, .Dk]
    }
  }

  /// A sum over all tokens of all batch rows.
  var isSumOverTokens: Bool { self == .dA_log || self == .ddt_bias }
}

extension Input {
  /// What it runs along, outermost first.
  func axes(_ decay: DecayKind) -> [Axis] {
    switch self {
    case .q, .k: [.B, .T, .Hk, .Dk]
    case .v, .dy: [.B, .T, .Hv, .Dv]
    case .g, .a: decay == .scalar ? [.B, .T, .Hv] : [.B, .T, .Hv, .Dk]
    case .beta, .b: [.B, .T, .Hv]
    case .A_log: [.Hv]
    case .dt_bias: decay == .scalar ? [.Hv] : [.Hv, .Dk]
    case .stateIn, .dstateOut: [.B, .Hv, .Dv, .Dk]
    }
  }
}
