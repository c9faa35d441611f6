import GatedDeltaRule
import Sweep

/// A number and its derivative along one direction.
struct Dual: RuleNumber {
  var value: Double
  var slope: Double

  /// A constant.
  init(_ value: Double) { self.init(value, slope: 0) }

  /// A number that changes with the direction.
  init(_ value: Double, slope: Double) { (self.value, self.slope) = (value, slope) }

  static func + (a: Dual, b: Dual) -> Dual { Dual(a.value + b.value, slope: a.slope + b.slope) }
  static func - (a: Dual, b: Dual) -> Dual { Dual(a.value - b.value, slope: a.slope - b.slope) }
  static func * (a: Dual, b: Dual) -> Dual {
    Dual(a.value * b.value, slope: a.slope * b.value + a.value * b.slope)
  }
  static func / (a: Dual, b: Dual) -> Dual {
    let quotient = a.value / b.value
    return Dual(quotient, slope: (a.slope - quotient * b.slope) / b.value)
  }
  static func exp(_ x: Dual) -> Dual {
    let e = Double.exp(x.value)
    // exp(-inf) = 0 has the derivative 0, however the argument moves.
    return Dual(e, slope: e == 0 ? 0 : e * x.slope)
  }
  static func log(_ x: Dual) -> Dual {
    Dual(Double.log(x.value), slope: x.slope == 0 ? 0 : x.slope / x.value)
  }
  static func squareRoot(_ x: Dual) -> Dual {
    let root = x.value.squareRoot()
    return Dual(root, slope: x.slope / (2 * root))
  }
  static func log1p(_ x: Dual) -> Dual { Dual(Double.log1p(x.value), slope: x.slope / (1 + x.value)) }
}

extension Definition where Number == Double {
  /// The inputs of a problem.
  init(_ problem: Problem) {
    let primals = problem.primals
    let gates: Gates =
      switch primals.gates {
      case .core(let g, let beta): .core(g: g.values, beta: beta.values)
      case .model(let a, let b, let A_log, let dt_bias):
        .model(a: a.values, b: b.values, A_log: A_log.values, dt_bias: dt_bias.values)
      }
    let state = primals.state?.values ?? [Double](repeating: 0, count: problem.shape.state.reduce(1, *))
    self.init(q: primals.q.values, k: primals.k.values, v: primals.v.values, gates: gates, state: state)
  }

  /// The outputs of a problem.
  static func outputs(of problem: Problem, clamp: Declaration.Clamp = .none) -> Outputs {
    let (y, state) = Definition(problem).outputs(
      shape: problem.shape, mask: problem.mask, contract: problem.contract, clamp: clamp)
    return Outputs(
      y: Tensor(shape: problem.shape.value, precision: .fp64, values: y),
      state: Tensor(shape: problem.shape.state, precision: .fp64, values: state))
  }
}

extension Definition where Number == Dual {
  /// The derivative of the outputs along a direction, one slope for each element of the inputs named; the others
  /// stay. Names are wire names.
  static func derivative(
    of problem: Problem, along direction: [String: [Double]], clamp: Declaration.Clamp = .none
  ) -> Outputs {
    func duals(_ name: String, _ values: [Double]) -> [Dual] {
      guard let slopes = direction[name] else { return values.map { Dual($0) } }
      return zip(values, slopes).map { Dual($0, slope: $1) }
    }
    let x = Definition<Double>(problem)
    let gates: Gates =
      switch x.gates {
      case .core(let g, let beta): .core(g: duals("g", g), beta: duals("beta", beta))
      case .model(let a, let b, let A_log, let dt_bias):
        .model(
          a: duals("a", a), b: duals("b", b), A_log: duals("A_log", A_log), dt_bias: duals("dt_bias", dt_bias)
        )
      }
    let duals = Definition(
      q: duals("q", x.q), k: duals("k", x.k), v: duals("v", x.v), gates: gates,
      state: duals("state_in", x.state))
    let (y, state) = duals.outputs(
      shape: problem.shape, mask: problem.mask, contract: problem.contract, clamp: clamp)
    return Outputs(
      y: Tensor(shape: problem.shape.value, precision: .fp64, values: y.map(\.slope)),
      state: Tensor(shape: problem.shape.state, precision: .fp64, values: state.map(\.slope)))
  }
}
