/// How the decay acts on a state row: one factor for the row, or one factor per key channel (Kimi Linear).
public enum DecayKind: String, Hashable, Sendable, CaseIterable {
  case scalar
  case perChannel
}

/// The dimensions of a problem, in the letters of the literature.
///
/// Value head `h` reads key head `h / groupSize` (repeat-interleave), so `Hv` is a multiple of `Hk`.
public struct Shape: Hashable, Sendable {
  /// Batch rows.
  public let B: Int
  /// Tokens; zero is legal.
  public let T: Int
  /// Key heads.
  public let Hk: Int
  /// Value heads.
  public let Hv: Int
  /// Channels of a key.
  public let Dk: Int
  /// Channels of a value.
  public let Dv: Int
  /// Scalar or per-channel decay.
  public let decayKind: DecayKind

  /// No tensor of a problem may have more elements than this (a bf16 tensor of it is 8 GiB).
  public static let elementLimit = 1 << 32

  /// - Throws: `InvalidProblem` if a dimension is out of range, the heads do not group, or a tensor would pass
  ///   `elementLimit`.
  public init(
    B: Int, T: Int, Hk: Int, Hv: Int, Dk: Int, Dv: Int, decayKind: DecayKind = .scalar
  ) throws(InvalidProblem) {
    guard T >= 0 else { throw .dimension(name: "T", size: T, least: 0) }
    if min(B, Hk, Hv, Dk, Dv) < 1 {
      for (name, size) in [("B", B), ("Hk", Hk), ("Hv", Hv), ("Dk", Dk), ("Dv", Dv)] where size < 1 {
        throw .dimension(name: name, size: size, least: 1)
      }
    }
    guard Hv % Hk == 0 else { throw .heads(Hk: Hk, Hv: Hv) }
    (self.B, self.T, self.Hk, self.Hv, self.Dk, self.Dv, self.decayKind) = (B, T, Hk, Hv, Dk, Dv, decayKind)
    // Most shapes are far below the limit, and need no lists to say so.
    let (batch, T, heads, width) = (Double(B), Double(max(T, 1)), Double(max(Hk, Hv)), Double(max(Dk, Dv)))
    guard batch * heads * width * max(T, width) > Double(Shape.elementLimit) else { return }
    for dimensions in [key, value, [B, self.T, Hv, Dk], state] {
      guard let count = Tensor.count(of: dimensions), count <= Shape.elementLimit else {
        throw .tooLarge(shape: dimensions)
      }
    }
  }

  /// Value heads per key head, Hv / Hk.
  public var groupSize: Int { Hv / Hk }
  /// The shape of `q`, `k` and their gradients.
  public var key: [Int] { [B, T, Hk, Dk] }
  /// The shape of `v`, `y` and their cotangents.
  public var value: [Int] { [B, T, Hv, Dv] }
  /// The shape of `beta` and `b`.
  public var token: [Int] { [B, T, Hv] }
  /// The shape of `g` and `a`.
  public var gate: [Int] { decayKind == .scalar ? [B, T, Hv] : [B, T, Hv, Dk] }
  /// The shape of every state: row = value channel, column = key channel.
  public var state: [Int] { [B, Hv, Dv, Dk] }
  /// The shape of `A_log`.
  public var A_log: [Int] { decayKind == .scalar ? [Hv] : [Hv, 1] }
  /// The shape of `dt_bias`.
  public var dt_bias: [Int] { decayKind == .scalar ? [Hv] : [Hv, Dk] }
  /// Decay factors per token and head: 1, or Dk.
  public var decayWidth: Int { decayKind == .scalar ? 1 : Dk }
}

extension Shape: CustomStringConvertible {
  /// One line, as in `B1 T4 Hk2 Hv4 Dk8 Dv8`.
  public var description: String {
    "B\(B) T\(T) Hk\(Hk) Hv\(Hv) Dk\(Dk) Dv\(Dv)" + (decayKind == .perChannel ? " per-channel" : "")
  }
}
