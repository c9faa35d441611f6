/// What a danger is drawn from: the recipe so far, and numbers that are drawn before the danger is, whether it needs
/// them or not, so that what comes after does not depend on it.
struct Draft {
  let recipe: Recipe
  let profile: Profile
  var degrees = 0.0, tinyNorm = 0.0, rawNorm = 0.0
  var strong = 0.0, slow = 0.0, edge = 0.0, level = 0.0, neighbours = 0.0, typical = 0.0, spread = 0.0
  var beta = 0.0, logit = 0.0, high = 0.0
  var rate = 0.0, bias = 0.0
  var tokens = 0.0, chance = 0.0, row = 0.0, leftByRow = 0.0, rightByRow = 0.0

  init(_ recipe: Recipe, _ profile: Profile) { (self.recipe, self.profile) = (recipe, profile) }

  var hasRows: Bool { recipe.B > 1 }
  var includesWideWrites: Bool { profile.includesWideWrites && recipe.level == .core }

  mutating func drawKeys(_ lot: inout Lot) {
    degrees = lot.hundredth(0, 90)
    tinyNorm = lot.one(of: [1e-3, 1e-10, 1e-20])
    rawNorm = lot.one(of: [0.5, 1.2, 2])
  }

  mutating func drawDecay(_ lot: inout Lot) {
    let T = recipe.T
    (strong, slow) = (lot.one(of: Atoms.strong), lot.one(of: Atoms.slow))
    edge = Double(lot.one(of: [0, 0, 31, 32, 63, 64, T - 1].filter { (0..<max(T, 1)).contains($0) }))
    level = lot.one(of: Atoms.decay)
    neighbours = Double(lot.integer(-1...1))
    typical = -lot.powerOfTen(-5, 1)
    spread = lot.one(of: [0.5, 1, 2])
  }

  mutating func drawWrite(_ lot: inout Lot) {
    beta = lot.one(of: Atoms.write)
    logit = lot.hundredth(-8, 16)
    high = lot.one(of: [1.2, 1.5, 2])
  }

  mutating func drawGateParameters(_ lot: inout Lot) {
    (rate, bias) = (lot.one(of: Atoms.rate), lot.one(of: Atoms.bias))
  }

  /// For a recipe of at least one token.
  mutating func drawMask(_ lot: inout Lot) {
    let (B, T) = (recipe.B, recipe.T)
    tokens = Double(T > 64 && lot.chance(0.3) ? 64 : lot.integer(1...T))
    chance = lot.one(of: [0.1, 0.5, 0.9])
    row = Double(lot.integer(0...B - 1))
    leftByRow = Double(lot.integer(1...max(T / B, 1)))
    rightByRow = Double(lot.integer(1...max(T / B, 1)))
  }
}

/// The numbers where kernels break.
enum Atoms {
  /// log g: exactly 1; rounded to 1 in bf16; ordinary; a kernel that pins it; around the clamps at -20 and at
  /// log 1e-12; subnormal and zero in fp32; and far beyond.
  static let decay: [Double] = [
    0, 0, -1e-4, -1e-3, -0.1, -1, -5, -19.9, -20, -20.1, -27.6, -88, -104, -300, -1000, -.infinity,
  ]

  /// log g of a token that forgets.
  static let strong: [Double] = [-20, -27.6, -88, -200, -300, -1000, -.infinity]

  /// log g of the tokens around it.
  static let slow: [Double] = [0, -1e-4, -1e-3, -0.1]

  /// beta: nothing, almost nothing, half, the hard corner, and exactly 1.
  static let write: [Double] = [0, 1e-7, 0.5, 0.9, 0.999, 0.999999, 1, 1]

  /// A_log: no decay at all, log 1e-3, 0, log 16, 4, and past what fp32 can exponentiate.
  static let rate: [Double] = [-.infinity, -6.9078, 0, 2.7726, 4, 100]

  /// dt_bias.
  static let bias: [Double] = [0, 0, 1, -4, 2]

  /// a + dt_bias: both ends of softplus, and where its naive forms break.
  static let input: [Double] = [-200, -60, -20, -17, -5, 0, 20, 88, 95]
}
