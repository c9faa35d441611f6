/// Which tokens are real. A masked token leaves the state as it was: no decay, no update.
///
/// The output at a masked token is unspecified, its cotangent carries no meaning, and the gradients of its
/// inputs are zero.
public struct Mask: Hashable, Sendable {
  /// Batch rows.
  public let B: Int
  /// Tokens.
  public let T: Int
  /// True for a token, row major [B, T].
  public let live: [Bool]

  /// - Precondition: `live` has B * T entries.
  public init(B: Int, T: Int, live: [Bool]) {
    precondition(live.count == B * T, "\(live.count) flags do not fill B \(B) x T \(T)")
    (self.B, self.T, self.live) = (B, T, live)
  }

  /// Whether token `t` of batch row `b` is real.
  public subscript(b: Int, t: Int) -> Bool { live[b * T + t] }
}
