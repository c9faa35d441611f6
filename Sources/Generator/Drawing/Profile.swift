/// Which cases a run asks for.
public struct Profile: Hashable, Sendable {
  /// How large the cases are.
  public enum Size: String, Hashable, Sendable, CaseIterable {
    /// Up to 33 tokens and 8 channels, for millions of cases.
    case small
    /// Around sub-block and chunk edges; one in eight of the sizes of models and of long calls.
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
  /// What else is left out.
  public var restriction = Restriction()
  /// Tokens of a chunk of the implementations under test, the longest that one of them declares: in three cases of ten
  /// the tokens end at an edge of such chunks, behind the first one for the most part. Nil where none declares one.
  public var chunk: Int?
  /// The share of cases in which nothing has to be rounded, so that any error is a fault.
  public var exactShare = Profile.usualExactShare

  /// The share of the cases that come in several calls.
  public var sessionShare = Profile.usualSessionShare

  /// Which rules are asked for.
  public var contracts = Profile.plainContract

  /// Of a run in which fp32 shows what is wrong.
  public static let usualExactShare = 0.1
  /// Of a run against something coarser, whose roundings hide what is wrong in all other cases.
  public static let coarseExactShare = 1.0 / 3

  /// Of a run of what knows one call only.
  public static let usualSessionShare = 1.0 / 16
  /// Of a run against an engine, which says that it takes steps.
  public static let engineSessionShare = 0.4

  /// By default nothing that the models rule out.
  public init(size: Size, includesRawKeys: Bool = false, includesWideWrites: Bool = false) {
    self.size = size
    self.includesRawKeys = includesRawKeys
    self.includesWideWrites = includesWideWrites
  }

  /// Up to 33 tokens and 8 channels, for millions of cases.
  public static let small = Profile(size: .small)
  /// Around sub-block and chunk edges; one in eight of the sizes of models and of long calls.
  public static let standard = Profile(size: .standard)
  /// Up to 4096 tokens, for errors that accumulate.
  public static let large = Profile(size: .large)

  /// The same without the cases in which nothing has to be rounded, which take a proof each.
  package var withoutExactCases: Profile {
    var profile = self
    profile.exactShare = 0
    return profile
  }

  /// The most that B T Hv Dk Dv, the multiplications of one pass over the states, may come to.
  package var work: Int {
    switch size {
    case .small: 1 << 13
    case .standard: 1 << 18
    case .large: 1 << 22
    }
  }

  /// The declared chunk where there is room for it: a case may have 3 chunks and 15 tokens, and never more than 4096.
  var steeringChunk: Int? { chunk.flatMap { $0 <= Profile.longestChunk ? $0 : nil } }

  /// The longest chunk behind whose end a case comes.
  public static let longestChunk = 1360

  /// The share of the cases with sizes of models and of long calls.
  var roomyShare: Double { size == .standard ? 0.12 : 0 }

  /// Channels, down to one, where there is room for many.
  static let widths = [1, 2, 3, 4, 8, 9, 16, 31, 32, 33, 48, 64, 65, 96, 128, 192]

  /// The channels of a key or a value: one, odd, even, and both sides of a tile.
  var channels: [Int] {
    switch size {
    case .small: [1, 2, 3, 4, 5, 8]
    case .standard: [1, 2, 3, 4, 8, 9, 31, 32, 33, 48]
    case .large: [1, 2, 3, 4, 8, 16, 32]
    }
  }
}
