import GatedDeltaRule
import Machine

/// Decay and write strength of every token, in fp64, and what turns their cotangents into those of the problem's gates.
struct TwinGates {
  /// log g, [B,T,Hv,W]; 0 where a token is masked.
  var logarithm: [Double]
  /// g, [B,T,Hv,W]; 1 where a token is masked.
  var factor: [Double]
  /// [B,T,Hv]; 0 where a token is masked.
  var write: [Double]
  /// Whether a floor holds the decay, which then has no gradient.
  var isHeld: [Bool]
  /// d log g / d a, at model level.
  var slope: [Double] = []
  /// |d log g / d a| |a + dt_bias|, at model level.
  private var shift: [Double] = []
  /// d beta / d b, at model level.
  var writeSlope: [Double] = []
  /// beta before it is rounded as declared, at model level.
  private var sigmoid: [Double] = []
  /// exp(-|b|), negative where b is, where it is declared to be rounded; NaN where a token is masked.
  var exponential: [Double] = []

  /// g below this has no logarithm that would be worth the name in fp32.
  static let least = 0x1p-126

  init(_ problem: Problem, _ form: TwinForm) {
    let shape = problem.shape
    let (tokens, W) = (shape.B * shape.T * shape.Hv, shape.decayWidth)
    logarithm = [Double](repeating: 0, count: tokens * W)
    factor = [Double](repeating: 1, count: tokens * W)
    write = [Double](repeating: 0, count: tokens)
    isHeld = [Bool](repeating: false, count: tokens * W)
    if problem.level == .model {
      slope = logarithm
      shift = logarithm
      writeSlope = write
      sigmoid = write
      if form.rounds, form.sigmoidPrecision != .fp32 { exponential = write.map { _ in .nan } }
    }
    for token in 0..<tokens where problem.mask.map({ $0.live[token / shape.Hv] }) ?? true {
      setWrite(problem, form, token)
      for i in token * W..<(token + 1) * W {
        setDecay(problem, form, i, head: token % shape.Hv, channel: i % W)
      }
    }
  }

  private mutating func setWrite(_ problem: Problem, _ form: TwinForm, _ token: Int) {
    var beta: Double
    switch problem.primals.gates {
    case .core(_, let given): beta = given.values[token]
    case .model(_, let b, _, _):
      beta = TwinGates.sigmoid(b.values[token])
      sigmoid[token] = beta
      writeSlope[token] = beta * TwinGates.sigmoid(-b.values[token])
      if !exponential.isEmpty {
        exponential[token] = Double(
          signOf: b.values[token], magnitudeOf: Machine.exp(-b.values[token].magnitude))
      }
    }
    if form.rounds, form.betaPrecision != .fp32 { beta = form.betaPrecision.round(beta) }
    write[token] = beta
  }

  private mutating func setDecay(_ problem: Problem, _ form: TwinForm, _ i: Int, head: Int, channel: Int) {
    var (g, lambda): (Double, Double)
    switch problem.primals.gates {
    case .core(let given, _):
      g = given.values[i]
      lambda = Machine.log(g)
    case .model(let a, _, let A_log, let dt_bias):
      let W = problem.shape.decayWidth
      let rate = Machine.exp(A_log.values[head])
      let x = a.values[i] + dt_bias.values[head * W + channel]
      lambda = -rate * (max(x, 0) + Machine.log1p(Machine.exp(-x.magnitude)))
      g = Machine.exp(lambda)
      slope[i] = -rate * TwinGates.sigmoid(x)
      shift[i] = (slope[i] * x).magnitude
    }
    switch form.clamp {
    case .none: break
    case .decay(let floor), .forwardDecay(let floor):
      if g <= floor { (g, lambda, isHeld[i]) = (floor, Machine.log(floor), true) }
    case .logDecay(let floor):
      if lambda < floor { (g, lambda, isHeld[i]) = (Machine.exp(floor), floor, true) }
    }
    if form.rounds, form.decayPrecision != .fp32 {
      g = form.decayPrecision.round(g)
      lambda = Machine.log(g)
    }
    (factor[i], logarithm[i]) = (g, lambda)
  }

  private static func sigmoid(_ x: Double) -> Double {
    let e = Machine.exp(-x.magnitude)
    return x < 0 ? e / (1 + e) : 1 / (1 + e)
  }
}

/// With u the unit roundoff of fp32 and lambda = log g:
///
///     |error of g| <= u (4 + 2 |lambda|) g                      at core level: log, product with log2 e, exp
///     |error of g| <= u (4 + 6 |lambda| + |dlambda/dx| |x|) g   at model level: exp, softplus, product, rounding of x; exp
///
/// At core level g is given, and a kernel may take it as it is. One that takes its logarithm and makes g of that again is
/// off by the same at every token that has the same g: a state that decays by one g many times shows it.
extension TwinGates {
  private static let u = Precision.fp32.unitRoundoff

  /// The gates as an evaluation in fp32 has them: equal ones are off equally, so that what it costs adds up over the
  /// tokens. At model level log g is that of a g that was rounded, and beta (1 - beta) of a beta that was: other ways lose
  /// less.
  ///
  /// - Parameter key: of the errors; nil for the nearest.
  func rounded(_ problem: Problem, _ form: TwinForm, key: UInt64?) -> TwinGates {
    func rounded(_ x: Double, _ place: UInt64) -> Double {
      key.map { Twin.steadilyRounded(x, seed: Dice.mixed($0, place)) } ?? Double(Float(x))
    }
    func off(_ x: Double, by size: Double, _ place: UInt64) -> Double {
      key.map { Twin.steadilyOff(x, by: size, seed: Dice.mixed($0, place)) } ?? Double(Float(x))
    }
    var copy = self
    let isModel = problem.level == .model
    for i in factor.indices {
      if isModel { copy.slope[i] = rounded(slope[i], 1) }
      guard factor[i] >= TwinGates.least else { continue }
      if !isHeld[i], form.decayPrecision == .fp32, logarithm[i] != 0 {
        let ofLog = isModel ? TwinGates.u * (6 * logarithm[i].magnitude + shift[i]) : 0
        let size = isModel ? 4 * TwinGates.u + ofLog : Twin.error(ofGateWithLogarithm: logarithm[i])
        copy.factor[i] = off(factor[i], by: size, 2)
        if isModel { copy.logarithm[i] = Machine.log(rounded(off(factor[i], by: ofLog, 5), 6)) }
      }
      copy.logarithm[i] = rounded(copy.logarithm[i], 4)
    }
    guard isModel else { return copy }
    for token in write.indices {
      let beta = rounded(sigmoid[token], 3)
      copy.writeSlope[token] = beta * (1 - beta)
      if form.betaPrecision == .fp32 { copy.write[token] = beta }
    }
    return copy
  }
}
