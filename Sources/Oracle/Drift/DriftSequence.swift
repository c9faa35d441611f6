import GatedDeltaRule
import Generator

/// Tokens without end: the problems of one recipe with the seeds S, S + 1, ..., one after the other, in calls that begin
/// with no state of their own.
package struct DriftSequence {
  /// That of the first tokens.
  package let recipe: Recipe
  private var piece: (number: Int, problem: Problem)?

  /// Tokens of one recipe; no call goes across the end of one.
  package static let piece = 4096

  /// - Throws: `RecipeError` if the recipe makes no problem.
  package init(_ recipe: Recipe) throws(RecipeError) {
    var recipe = recipe
    recipe.T = DriftSequence.piece
    recipe.state = .none
    recipe.dy = .none
    recipe.dstate = .none
    try recipe.validate()
    self.recipe = recipe
  }

  /// These tokens, from no state.
  ///
  /// - Precondition: they lie in one piece.
  mutating func call(_ tokens: Range<Int>) throws -> Problem {
    let number = tokens.lowerBound / DriftSequence.piece
    let first = number * DriftSequence.piece
    precondition(tokens.upperBound <= first + DriftSequence.piece, "a call goes across pieces")
    return try problem(of: number).call(tokens.lowerBound - first..<tokens.upperBound - first)
  }

  private mutating func problem(of number: Int) throws -> Problem {
    if let piece, piece.number == number { return piece.problem }
    var recipe = recipe
    recipe.seed &+= UInt64(number)
    let problem = try recipe.render()
    piece = (number, problem)
    return problem
  }
}

extension Problem {
  /// Some tokens, from no state and without cotangents.
  func call(_ tokens: Range<Int>) throws(InvalidProblem) -> Problem {
    let places = tokens.map(Optional.some)
    func cut(_ tensor: Tensor) -> Tensor { tensor.selecting(places, axis: 1) }
    var call = primals
    (call.q, call.k, call.v, call.state) = (cut(call.q), cut(call.k), cut(call.v), nil)
    switch primals.gates {
    case .core(let g, let beta): call.gates = .core(g: cut(g), beta: cut(beta))
    case .model(let a, let b, let A_log, let dt_bias):
      call.gates = .model(a: cut(a), b: cut(b), A_log: A_log, dt_bias: dt_bias)
    }
    let shape = try Shape(
      B: shape.B, T: tokens.count, Hk: shape.Hk, Hv: shape.Hv, Dk: shape.Dk, Dv: shape.Dv,
      decayKind: shape.decayKind)
    return try Problem(shape: shape, primals: call, cotangents: Outputs(), contract: contract)
  }

  /// The same from this state, [B, Hv, Dv, Dk].
  func from(_ state: Tensor?) throws(InvalidProblem) -> Problem {
    var primals = primals
    primals.state = state
    return try Problem(
      shape: shape, primals: primals, mask: mask, cotangents: cotangents, contract: contract)
  }
}
