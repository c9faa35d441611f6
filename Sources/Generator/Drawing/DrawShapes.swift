import GatedDeltaRule

/// Sizes of real models and of long calls. No size has a limit of its own that the others do not move: what one of
/// them takes of the work that a case may cost is what the others have to do without.
extension Recipe {
  /// Whether case `index` is drawn with such sizes: decided apart from everything else, so that the other cases are
  /// what they are in any share.
  static func isRoomy(_ profile: Profile, seed: UInt64, index: UInt64) -> Bool {
    guard profile.families.isEmpty else { return false }
    return Address(seed: seed, name: "shape").at(Int(truncatingIfNeeded: index)).uniform < profile.roomyShare
  }

  /// Whether the tokens of case `index` are moved to an edge of declared chunks, decided apart as well.
  static func isSteered(seed: UInt64, index: UInt64) -> Bool {
    Address(seed: seed, name: "chunk").at(Int(truncatingIfNeeded: index)).uniform < 0.3
  }

  /// One size after the other, in an order that is drawn, each from what the ones before it leave of the work: each is
  /// the largest one in its share of the cases.
  mutating func drawRoomySizes(_ profile: Profile, _ lot: inout Lot) {
    (B, T, Hk, Hv, Dk, Dv) = (1, 1, 1, 1, 1, 1)
    // Tokens come first more often: everything else leaves them little room.
    var sizes = RoomySize.allCases + [.tokens]
    while !sizes.isEmpty {
      let size = sizes.remove(at: lot.integer(0...sizes.count - 1))
      guard size != .tokens || T == 1 else { continue }
      let room = max(profile.work / cost, 1)
      // Up to a whole vector channels are free.
      let isChannels = size == .keyChannels || size == .valueChannels
      let limit = min(size.limit(&lot), isChannels ? room * 8 : room)
      let count = lot.chance(0.7) ? lot.edge(of: size.edges, atMost: limit) : lot.magnitude(atMost: limit)
      put(count, as: size, room: room, &lot)
    }
  }

  /// The multiplications of one pass over the states, with channels in vectors of eight: a token of one channel takes
  /// as long as one of eight.
  private var cost: Int { B * T * Hv * ((Dk + 7) & ~7) * ((Dv + 7) & ~7) }

  private mutating func put(_ count: Int, as size: RoomySize, room: Int, _ lot: inout Lot) {
    switch size {
    case .rows: B = count
    case .tokens: T = count
    case .group:
      Hk = lot.integer(1...max(1, min(4, room / count)))
      Hv = Hk * count
    case .keyChannels: Dk = count
    case .valueChannels: Dv = count
    }
  }

  /// Moves the tokens to an edge of the chunks that a kernel declares, behind the first chunk for the most part.
  mutating func steerTokens(past chunk: Int, _ lot: inout Lot) {
    let tail = lot.integer(1...15)
    let edges = [
      chunk - 1, chunk, chunk + 1, chunk + tail, 2 * chunk - 1, 2 * chunk, 2 * chunk + 1, 2 * chunk + tail,
      3 * chunk + tail,
    ]
    T = lot.one(of: edges)
  }
}

/// A size that takes its share of the work.
private enum RoomySize: CaseIterable {
  case rows, tokens, group, keyChannels, valueChannels

  /// The most that is drawn: 4096 tokens now and then.
  func limit(_ lot: inout Lot) -> Int {
    switch self {
    case .rows: 8
    case .tokens: lot.chance(0.2) ? 4096 : 1024
    case .group: 16
    case .keyChannels, .valueChannels: 256
    }
  }

  /// Where kernels break: the sizes of models, and both sides of tiles, chunks and blocks of chunks.
  var edges: [Int] {
    switch self {
    case .rows: [2, 3, 4, 5, 7, 8]
    case .tokens: [2, 17, 65, 129, 255, 256, 257, 300, 511, 512, 513, 1000, 1023, 1024, 2049, 4096]
    case .group: [2, 3, 4, 5, 6, 7, 8, 12, 15, 16]
    case .keyChannels, .valueChannels: [16, 32, 33, 63, 64, 65, 96, 127, 128, 129, 192, 255, 256]
    }
  }
}

extension Lot {
  /// One of those between an eighth of the limit and the limit.
  fileprivate mutating func edge(of edges: [Int], atMost limit: Int) -> Int {
    let possible = edges.filter { $0 <= limit && 8 * $0 > limit }
    return possible.isEmpty ? limit : one(of: possible)
  }

  /// A number of 1 ... limit, of any number of bits alike.
  fileprivate mutating func magnitude(atMost limit: Int) -> Int {
    let bits = integer(0...Int.bitWidth - 1 - limit.leadingZeroBitCount)
    return min(integer(1 << bits...(2 << bits) - 1), limit)
  }
}
