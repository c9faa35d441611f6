/// A result of one implementation on one problem, by its wire name.
public enum Quantity: String, Hashable, Sendable, CaseIterable {
  case y
  case stateOut = "state_out"
  case dq
  case dk
  case dv
  case dg
  case dbeta
  case da
  case db
  case dA_log
  case ddt_bias
  case dstateIn = "dstate_in"

  /// Whether it is a gradient; the others are outputs.
  public var isGradient: Bool { self != .y && self != .stateOut }

  /// Whether it has one entry per token (and so none that counts where the token is masked).
  public var isPerToken: Bool {
    switch self {
    case .y, .dq, .dk, .dv, .dg, .dbeta, .da, .db: true
    case .stateOut, .dA_log, .ddt_bias, .dstateIn: false
    }
  }

  /// The quantities that a problem of this level asks for.
  public static func all(at level: Level) -> [Quantity] {
    switch level {
    case .core: [.y, .stateOut, .dq, .dk, .dv, .dg, .dbeta, .dstateIn]
    case .model: [.y, .stateOut, .dq, .dk, .dv, .da, .db, .dA_log, .ddt_bias, .dstateIn]
    }
  }

  /// The input whose shape it has: what it is the gradient by, and for an output what that is computed from.
  private var alike: Input {
    switch self {
    case .y, .dv: .v
    case .stateOut, .dstateIn: .stateIn
    case .dq: .q
    case .dk: .k
    case .dg: .g
    case .dbeta: .beta
    case .da: .a
    case .db: .b
    case .dA_log: .A_log
    case .ddt_bias: .dt_bias
    }
  }

  /// The shape it has in a problem of this shape.
  public func shape(in shape: Shape) -> [Int] { alike.shape(in: shape) }

  /// Whether these are its sizes in a problem of this shape.
  public func hasShape(_ sizes: [Int], in shape: Shape) -> Bool { alike.hasShape(sizes, in: shape) }
}

extension Quantity {
  /// Its place in the order of the quantities, from 0.
  public var ordinal: Int {
    switch self {
    case .y: 0
    case .stateOut: 1
    case .dq: 2
    case .dk: 3
    case .dv: 4
    case .dg: 5
    case .dbeta: 6
    case .da: 7
    case .db: 8
    case .dA_log: 9
    case .ddt_bias: 10
    case .dstateIn: 11
    }
  }

  /// By its place: hashing the wire name would be most of what looking up a result costs.
  public func hash(into hasher: inout Hasher) { hasher.combine(ordinal) }
}
