import GatedDeltaRule

extension Label {
  /// Everything that is counted. The numbers are the least among 1000 cases of the small, the standard and the
  /// large profile: about half of what is drawn, so that a generator that lost a danger says so.
  public static let all: [Label] =
    sizes + ranges + levels + ofDangers + combinations + exact + rules + sessions

  private static let ofDangers = Dimension.all.enumerated().flatMap { dimension, table in
    table.dangers.enumerated().flatMap { rank, danger in danger.counts.map { Label(dimension, rank, $0) } }
  }

  private static let sizes: [Label] = [
    Label("B=1", 240, 240, 240) { $0.B == 1 },
    Label("B=2", 170, 170, 170) { $0.B == 2 },
    Label("B=3", 75, 75, 75) { $0.B == 3 },
    Label("T=0", 6, 6, 0) { $0.T == 0 },
    Label("T=1", 36, 23, 0) { $0.T == 1 },
    Label("T=2", 36, 22, 0) { $0.T == 2 },
    Label("T=3", 28, 16, 0) { $0.T == 3 },
    Label("T at a sub-block edge", 170, 62, 0) { [15, 16, 17, 31, 32, 33].contains($0.T) },
    Label("last chunk of 1 to 15", 260, 270, 170) { $0.hasShortTail },
    Label("whole chunks and 1 to 15", 0, 140, 170) { $0.hasShortTail && $0.T > 64 },
    Label("Hk>=2 and Hv>=2Hk", 500, 500, 500) { $0.Hk >= 2 && $0.Hv >= 2 * $0.Hk },
    Label("Hk=1 and Hv>=2", 98, 94, 94) { $0.Hk == 1 && $0.Hv >= 2 },
    Label("Hk=Hv>=2", 96, 97, 95) { $0.Hk == $0.Hv && $0.Hk >= 2 },
    Label("Hk=Hv=1", 31, 32, 33) { $0.Hv == 1 },
    Label("Hk=3", 100, 100, 100) { $0.Hk == 3 },
    Label("group of 3", 110, 110, 110) { $0.Hv == 3 * $0.Hk },
    Label("Dk=Dv>=2", 160, 140, 150) { $0.Dk == $0.Dv && $0.Dk >= 2 },
    Label("Dk<Dv", 160, 190, 170) { $0.Dk < $0.Dv },
    Label("Dk>Dv", 130, 120, 130) { $0.Dk > $0.Dv },
    Label("Dk=1", 96, 67, 88) { $0.Dk == 1 },
    Label("Dk=2", 94, 67, 82) { $0.Dk == 2 },
    Label("Dk odd past 1", 160, 200, 72) { $0.Dk > 1 && $0.Dk % 2 == 1 },
    Label("Dk%32=0", 0, 30, 46) { $0.Dk % 32 == 0 },
    Label("Dk or Dv just over a tile", 0, 170, 0) { [9, 33].contains($0.Dk) || [9, 33].contains($0.Dv) },
    Label("Dk and Dv past 48", 0, 0, 85) { $0.Dk > 48 && $0.Dv > 48 },
    Label("Dv%4>0", 340, 320, 220) { $0.Dv % 4 > 0 },
  ]

  /// Sizes that a kernel is used at: a summary names those of which it has no case.
  private static let ranges: [Label] = [
    Label("T at a chunk edge", 0, 140, 0) { [63, 64, 65, 127, 128, 129].contains($0.T) },
    Label("T past two chunks", 0, 98, 500) { $0.T > 128 },
    Label("T past 256", 0, 13, 400) { $0.T > 256 },
    Label("T past 1000", 0, 3, 180) { $0.T > 1000 },
    Label("B=4 to 8", 0, 16, 0) { $0.B > 3 },
    Label("group of 4", 70, 69, 69) { $0.Hv == 4 * $0.Hk },
    Label("group of 5 to 16", 0, 22, 0) { $0.Hv > 4 * $0.Hk },
    Label("Dk or Dv of 64 to 256", 0, 28, 85) { max($0.Dk, $0.Dv) >= 64 },
    Label("Dk and Dv of 64 to 256", 0, 1, 0) { min($0.Dk, $0.Dv) >= 64 },
  ]

  /// Their names.
  package static let sizeRanges = Set(ranges.map(\.name))

  private static let levels: [Label] = [
    Label("core", 270, 270, 270) { $0.level == .core },
    Label("model", 220, 220, 220) { $0.level == .model },
    Label("channels", 90, 89, 87) { $0.decayKind == .perChannel },
    Label("channels at model level", 39, 39, 38) { $0.decayKind == .perChannel && $0.level == .model },
    Label("f32", 320, 320, 320) { $0.precision == .fp32 },
    Label("bf16", 100, 100, 100) { $0.precision == .bf16 },
    Label("f16", 64, 64, 64) { $0.precision == .fp16 },
  ]

  private static let combinations: [Label] = [
    Label("A_log=heads with Hv>=2", 130, 130, 130) { $0.A_log == .heads && $0.Hv >= 2 },
    Label("dt_bias=heads with Hv>=2", 120, 120, 120) { $0.dt_bias == .heads && $0.Hv >= 2 },
    Label("a dead chunk", 0, 5, 12) { $0.mask == .left(64) && $0.T > 64 },
    Label("pad=zeros", 31, 30, 30) { $0.isPadded && $0.pad == .zeros },
    Label("corner", 90, 90, 92) { $0.isCorner },
    Label("corner at its worst", 25, 26, 26) { $0.isCorner && $0.isHardest },
    Label("strong decay and a short last chunk", 150, 150, 110) { $0.hasShortTail && $0.forgetsStrongly },
    Label("state given and dstate none", 100, 110, 110) { $0.hasState && $0.dstate == .none },
    Label("state none and dstate random", 73, 73, 72) { $0.state == .none && $0.dstate == .random },
    Label("only the final state counts", 58, 57, 58) {
      ($0.dy == .none || $0.dy == .zeros) && $0.dstate == .random
    },
    Label("mask and B=1", 82, 80, 83) { $0.isPadded && $0.B == 1 },
    Label("mask and model level", 76, 76, 77) { $0.isPadded && $0.level == .model },
    Label("mask and groups", 95, 93, 95) { $0.isPadded && $0.Hk >= 2 && $0.Hv >= 2 * $0.Hk },
    Label("mask and channels", 34, 33, 32) { $0.isPadded && $0.decayKind == .perChannel },
    Label("state, groups and Dk=Dv", 75, 70, 75) {
      $0.hasState && $0.Hv > $0.Hk && $0.Dk == $0.Dv && $0.Dk > 1
    },
    Label("bf16 and state none", 29, 28, 29) { $0.precision == .bf16 && $0.state == .none },
    Label("bf16 and slow decay", 15, 15, 16) { $0.precision == .bf16 && $0.isConstantDecay(-2e-3..<1) },
    Label("no decay, several heads and chunks", 0, 4, 12) {
      $0.decay == .constant(0) && $0.Hv > 1 && $0.T > 64
    },
  ]
}

extension Label {
  /// Which rule is asked for. A run against one kernel has its own, so that none is asked for here.
  private static let rules: [Label] = [
    Label("gate=bounded", 0, 0, 0) { $0.contract.gate != .softplus && $0.level == .model },
    Label("beta=2sigmoid", 0, 0, 0) { $0.contract.write == .doubleSigmoid },
    Label("qk=l2norm", 0, 0, 0) { $0.contract.queryKey != .given },
    Label("scale of q", 0, 0, 0) { $0.contract.scale != .one },
    Label("log g given", 0, 0, 0) { $0.contract.decay == .log && $0.level == .core },
    Label("state in 16 bits", 0, 0, 0) { $0.contract.state != .fp32 },
  ]
}

extension Label {
  /// Among a thousand exact cases.
  private static let exact: [Label] = [
    Label("exact", 950, 950, 950) { $0.isExact },
    Label("exact in 16 bits", 230, 230, 230) { $0.isExact && $0.precision != .fp32 },
    Label("exact with halved decay", 180, 150, 100) { recipe in
      if case .halves(let chance) = recipe.decay { recipe.isExact && chance > 0 } else { false }
    },
    Label("exact with groups", 200, 200, 200) { $0.isExact && $0.Hv > $0.Hk },
    Label("exact with a mask", 150, 150, 150) { $0.isExact && $0.isPadded },
    Label("exact with channels", 80, 80, 80) { $0.isExact && $0.decayKind == .perChannel },
    Label("exact past a chunk", 0, 150, 400) { $0.isExact && $0.T > 64 },
    Label(Label.exactAtModelLevel, 320, 320, 320) { $0.isExact && $0.level == .model },
    Label("exact with channels of a model", 0, 30, 30) { $0.isExact && $0.Dk >= 64 && $0.Dv >= 64 },
  ].map { $0.ofExactCases() }
}

extension Recipe {
  fileprivate var hasShortTail: Bool { (1...15).contains(T % 64) }

  fileprivate var coneDegrees: Double? { if case .cone(let degrees) = keys { degrees } else { nil } }

  fileprivate var hasState: Bool { state != .none && state != .zeros }

  fileprivate var isPadded: Bool { mask != .none && mask != .all }

  fileprivate func isConstantDecay(_ range: Range<Double>) -> Bool {
    if case .constant(let level) = decay { range.contains(level) } else { false }
  }

  /// Somewhere a decay below e^-20.
  fileprivate var forgetsStrongly: Bool {
    if case .clamp = decay { return true }
    let place = Dimension.decay.place(self)
    let named = zip(Dimension.decay.dangers[place.rank].parameters, place.numbers)
    return named.contains { ["LOG_G", "STRONG"].contains($0.name) && $1 <= -20 }
  }

  /// One direction of keys, one logit and one decay, on enough tokens and few channels.
  fileprivate var isCorner: Bool {
    guard T >= 24, Dk <= 8, keys == .equal || coneDegrees != nil else { return false }
    if case .constant = decay, case .logit = write { return true }
    return false
  }

  /// Where a doubling solve of 32 rows loses everything.
  fileprivate var isHardest: Bool {
    guard case .logit(let b) = write, b >= 2, isConstantDecay(-0.1..<1) else { return false }
    return coneDegrees.map { $0 <= 45 } ?? true
  }
}
