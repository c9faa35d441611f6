/// Which cases a run asks for.
public struct Profile: Hashable, Sendable {
  /// How large the cases are.
  public enum Size: String, Hashable, Sendable, CaseIterable {
    /// Up to 33 tokens and 8 channels, for millions of cases.
    case small
    /// Around sub-block and chunk edges, up to 48 channels.
    case standard
    /// Up to 4096 tokens, for errors that accumulate.
    case large
  }

  /// How large the cases are.
  public var size: Size
  /// Whether keys that nobody normalised are drawn too.
  public var includesRawKeys: Bool
  /// Whether beta above 1 is drawn too, at core level.
  public var includesWideWrites: Bool
  /// Where heads, channels and formats are drawn from; empty for what the size says.
  public var families: [Family] = []

  /// By default nothing that the models rule out.
  public init(size: Size, includesRawKeys: Bool = false, includesWideWrites: Bool = false) {
    self.size = size
    self.includesRawKeys = includesRawKeys
    self.includesWideWrites = includesWideWrites
  }

  /// Up to 33 tokens and 8 channels, for millions of cases.
  public static let small = Profile(size: .small)
  /// Around sub-block and chunk edges, up to 48 channels.
  public static let standard = Profile(size: .standard)
  /// Up to 4096 tokens, for errors that accumulate.
  public static let large = Profile(size: .large)

  /// The most that B T Hv Dk Dv, the multiplications of one pass over the states, may come to.
  var work: Int {
    switch size {
    case .small: 1 << 13
    case .standard: 1 << 18
    case .large: 1 << 22
    }
  }

  /// The channels of a key or a value: one, odd, even, and both sides of a tile.
  var channels: [Int] {
    switch size {
    case .small: [1, 2, 3, 4, 5, 8]
    case .standard: [1, 2, 3, 4, 8, 9, 31, 32, 33, 48]
    case .large: [1, 2, 3, 4, 8, 16, 32]
    }
  }
}
