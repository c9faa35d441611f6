import GatedDeltaRule

extension Label {
  /// Everything that is counted. The numbers are the least among 1000 cases of the small, the standard and the
  /// large profile: about half of what is drawn, so that a generator that lost a danger says so.
  public static let all: [Label] = sizes + vectors + gates + surroundings + combinations

  private static let sizes: [Label] = [
    Label("B=1", 240, 240, 240) { $0.B == 1 },
    Label("B=2", 170, 170, 170) { $0.B == 2 },
    Label("B=3", 75, 75, 75) { $0.B == 3 },
    Label("T=0", 6, 6, 0) { $0.T == 0 },
    Label("T=1", 36, 23, 0) { $0.T == 1 },
    Label("T=2", 36, 22, 0) { $0.T == 2 },
    Label("T=3", 28, 16, 0) { $0.T == 3 },
    Label("T at a sub-block edge", 170, 62, 0) { [15, 16, 17, 31, 32, 33].contains($0.T) },
    Label("T at a chunk edge", 0, 140, 0) { [63, 64, 65, 127, 128, 129].contains($0.T) },
    Label("T past two chunks", 0, 98, 500) { $0.T > 128 },
    Label("T past 1000", 0, 0, 180) { $0.T > 1000 },
    Label("last chunk of 1 to 15", 260, 270, 170) { $0.hasShortTail },
    Label("whole chunks and 1 to 15", 0, 140, 170) { $0.hasShortTail && $0.T > 64 },
    Label("Hk>=2 and Hv>=2Hk", 500, 500, 500) { $0.Hk >= 2 && $0.Hv >= 2 * $0.Hk },
    Label("Hk=1 and Hv>=2", 98, 94, 94) { $0.Hk == 1 && $0.Hv >= 2 },
    Label("Hk=Hv>=2", 96, 97, 95) { $0.Hk == $0.Hv && $0.Hk >= 2 },
    Label("Hk=Hv=1", 31, 32, 33) { $0.Hv == 1 },
    Label("Hk=3", 100, 100, 100) { $0.Hk == 3 },
    Label("group of 3", 110, 110, 110) { $0.Hv == 3 * $0.Hk },
    Label("group of 4", 70, 69, 69) { $0.Hv == 4 * $0.Hk },
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

  private static let vectors: [Label] = [
    Label("keys=equal", 78, 78, 79) { $0.keys == .equal },
    Label("keys=random", 160, 160, 160) { $0.keys == .random },
    Label("keys=flipped", 34, 34, 34) { $0.keys == .flipped },
    Label("keys=cone", 110, 110, 110) { $0.coneDegrees != nil },
    Label("keys=cone below 5 degrees", 5, 6, 6) { $0.coneDegrees.map { $0 < 5 } ?? false },
    Label("keys=plane", 36, 33, 35) { $0.keys == .plane },
    Label("keys=orthogonal", 34, 34, 34) { $0.keys == .orthogonal },
    Label("keys=zero", 17, 16, 16) { $0.keys == .zero },
    Label("keys=tiny", 25, 25, 25) { if case .tiny = $0.keys { true } else { false } },
    Label("keys=raw", 0, 0, 0) { if case .raw = $0.keys { true } else { false } },
    Label("q=random", 350, 340, 340) { $0.queries == .random },
    Label("q=key", 59, 59, 61) { $0.queries == .key },
    Label("q=orthogonal", 58, 60, 58) { $0.queries == .orthogonal },
    Label("q=zero", 29, 31, 29) { $0.queries == .zero },
    Label("v=random", 400, 400, 400) { $0.values == .random },
    Label("v=zero", 33, 34, 33) { $0.values == .zero },
    Label("v=scaled", 59, 61, 61) { if case .scaled = $0.values { true } else { false } },
  ]

  private static let gates: [Label] = [
    Label("core", 270, 270, 270) { $0.level == .core },
    Label("model", 220, 220, 220) { $0.level == .model },
    Label("channels", 90, 89, 87) { $0.decayKind == .perChannel },
    Label("channels at model level", 39, 39, 38) { $0.decayKind == .perChannel && $0.level == .model },
    Label("decay=none", 13, 12, 13) { $0.decay == .constant(0) },
    Label("decay rounds to 1 in bf16", 56, 55, 56) { $0.isConstantDecay(-2e-3 ..< -1e-6) },
    Label("decay=-0.1 to -5", 41, 41, 42) { $0.isConstantDecay(-5 ..< -0.09) || $0.decay == .constant(-5) },
    Label("decay around -20", 21, 22, 22) { $0.isConstantDecay(-20.2 ..< -19.8) },
    Label("decay=-27.6", 8, 8, 7) { $0.decay == .constant(-27.6) },
    Label("decay=-88 or less", 33, 34, 33) { $0.isConstantDecay(-1001 ..< -87) },
    Label("decay=-inf", 9, 7, 9) { $0.decay == .constant(-.infinity) },
    Label("decay=clamp", 19, 19, 19) { if case .clamp = $0.decay { true } else { false } },
    Label("decay=forget", 50, 51, 51) { if case .forget = $0.decay { true } else { false } },
    Label("decay=every", 32, 31, 31) { if case .every = $0.decay { true } else { false } },
    Label("decay alternates 1 and 0", 16, 16, 16) {
      $0.decay == .every(period: 2, strong: -.infinity, slow: 0)
    },
    Label("decay=tail", 34, 34, 34) { if case .tail = $0.decay { true } else { false } },
    Label("decay=random", 59, 58, 57) { if case .random = $0.decay { true } else { false } },
    Label("decay=mixture", 31, 32, 31) { if case .mixture = $0.decay { true } else { false } },
    Label("decay=input", 62, 63, 62) { if case .input = $0.decay { true } else { false } },
    Label("decay=input underflows", 11, 11, 11) { $0.inputLevel.map { $0 <= -60 } ?? false },
    Label("decay=input overflows", 14, 14, 15) { $0.inputLevel.map { $0 >= 88 } ?? false },
    Label("A_log=heads with Hv>=2", 130, 130, 130) { $0.A_log == .heads && $0.Hv >= 2 },
    Label("A_log=-inf", 10, 10, 10) { $0.A_log == .constant(-.infinity) },
    Label("A_log=100", 10, 10, 10) { $0.A_log == .constant(100) },
    Label("dt_bias=heads with Hv>=2", 120, 120, 120) { $0.dt_bias == .heads && $0.Hv >= 2 },
    Label("write=0", 26, 25, 25) { $0.write == .constant(0) },
    Label("write=1e-7", 25, 24, 26) { $0.write == .constant(1e-7) },
    Label("write=0.5", 26, 26, 25) { $0.write == .constant(0.5) },
    Label("write=0.9 to 1", 76, 78, 79) {
      $0.isConstantWrite(0.9..<1)
    },
    Label("write=1", 50, 50, 50) { $0.write == .constant(1) },
    Label("write=logit", 130, 140, 130) { if case .logit = $0.write { true } else { false } },
    Label("write=logits", 150, 150, 150) { if case .logits = $0.write { true } else { false } },
    Label("write=wide", 0, 0, 0) { if case .wide = $0.write { true } else { false } },
  ]

  private static let surroundings: [Label] = [
    Label("state=none", 130, 130, 130) { $0.state == .none },
    Label("state=zeros", 52, 53, 54) { $0.state == .zeros },
    Label("state=random", 230, 240, 240) { $0.state == .random },
    Label("state=lastRow", 28, 30, 30) { $0.state == .lastRow },
    Label("state=spike", 44, 42, 42) { $0.state == .spike },
    Label("dy=random", 300, 300, 290) { $0.dy == .random },
    Label("dy=last", 60, 62, 61) { $0.dy == .last },
    Label("dy=mean", 72, 73, 74) { $0.dy == .mean },
    Label("dy=zeros", 30, 29, 30) { $0.dy == .zeros },
    Label("dy=none", 35, 34, 34) { $0.dy == .none },
    Label("dstate=none", 170, 170, 170) { $0.dstate == .none },
    Label("dstate=zeros", 44, 45, 44) { $0.dstate == .zeros },
    Label("dstate=random", 270, 270, 270) { $0.dstate == .random },
    Label("mask=none", 290, 290, 290) { $0.mask == .none },
    Label("mask=all", 30, 31, 28) { $0.mask == .all },
    Label("mask=left", 40, 41, 40) { if case .left = $0.mask { true } else { false } },
    Label("mask=right", 29, 27, 29) { if case .right = $0.mask { true } else { false } },
    Label("mask=holes", 40, 40, 41) { if case .holes = $0.mask { true } else { false } },
    Label("mask=onlyFirst", 12, 14, 14) { $0.mask == .onlyFirst },
    Label("mask=onlyLast", 14, 14, 14) { $0.mask == .onlyLast },
    Label("mask=row", 13, 13, 14) { if case .row = $0.mask { true } else { false } },
    Label("mask=leftByRow", 11, 9, 10) { if case .leftByRow = $0.mask { true } else { false } },
    Label("mask=rightByRow", 9, 8, 8) { if case .rightByRow = $0.mask { true } else { false } },
    Label("a dead chunk", 0, 5, 12) { $0.mask == .left(64) && $0.T > 64 },
    Label("pad=zeros", 31, 30, 30) { $0.isPadded && $0.pad == .zeros },
    Label("pad=noise", 59, 57, 58) { $0.pad == .noise },
    Label("pad=huge", 26, 26, 27) { $0.pad == .huge },
    Label("pad=inf", 27, 28, 28) { $0.pad == .inf },
    Label("pad=nan", 26, 26, 27) { $0.pad == .nan },
    Label("f32", 320, 320, 320) { $0.precision == .fp32 },
    Label("bf16", 100, 100, 100) { $0.precision == .bf16 },
    Label("f16", 64, 64, 64) { $0.precision == .fp16 },
  ]

  private static let combinations: [Label] = [
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

extension Recipe {
  fileprivate var hasShortTail: Bool { (1...15).contains(T % 64) }

  fileprivate var coneDegrees: Double? { if case .cone(let degrees) = keys { degrees } else { nil } }

  fileprivate var inputLevel: Double? { if case .input(let x, _) = decay { x } else { nil } }

  fileprivate var hasState: Bool { state != .none && state != .zeros }

  fileprivate var isPadded: Bool { mask != .none && mask != .all }

  fileprivate func isConstantDecay(_ range: Range<Double>) -> Bool {
    if case .constant(let level) = decay { range.contains(level) } else { false }
  }

  fileprivate func isConstantWrite(_ range: Range<Double>) -> Bool {
    if case .constant(let beta) = write { range.contains(beta) } else { false }
  }

  /// Somewhere a decay below e^-20.
  fileprivate var forgetsStrongly: Bool {
    switch decay {
    case .constant(let level): level <= -20
    case .forget(_, let strong, _), .every(_, let strong, _), .tail(_, let strong, _),
      .mixture(_, let strong, _):
      strong <= -20
    case .clamp: true
    case .random, .input: false
    }
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
