import GatedDeltaRule
import Oracle
import Testing

/// Where inf and NaN are excused because a gradient is formed in fp16, whose largest number is 65504.
@Suite struct RangeTests {
  /// One token, every channel one wide, key 1, beta 1, no decay.
  private func problem(
    heads: Int, v: [Double], dy: [Double]?, state: Double?, dstate: Double?, q: Double = 1,
    contract: Contract = .plain
  ) throws -> Problem {
    let shape = try Shape(B: 1, T: 1, Hk: 1, Hv: heads, Dk: 1, Dv: 1)
    return try Problem(
      shape: shape,
      primals: Primals(
        q: Tensor(shape: shape.key, precision: .fp16, repeating: q),
        k: Tensor(shape: shape.key, precision: .fp16, repeating: 1),
        v: Tensor(shape: shape.value, precision: .fp16, values: v),
        gates: .core(
          g: Tensor(shape: shape.gate, repeating: 1),
          beta: Tensor(shape: shape.token, precision: .fp16, repeating: 1)),
        state: state.map { Tensor(shape: shape.state, repeating: $0) }),
      cotangents: Outputs(
        y: dy.map { Tensor(shape: shape.value, precision: .fp16, values: $0) },
        state: dstate.map { Tensor(shape: shape.state, repeating: $0) }),
      contract: contract)
  }

  /// Whether an answer that is the reference but for a NaN in one gradient is wrong for that NaN, or right.
  private func fails(
    _ quantity: Quantity, _ problem: Problem, shares: Precision, beta: Precision = .fp32
  ) throws -> Bool {
    let check = CrossCheck(problem)
    var answer = check.reference().evaluation
    answer.results[quantity] = Tensor(
      shape: quantity.shape(in: problem.shape), precision: .fp16, repeating: .nan)
    let declaration = Declaration(betaPrecision: beta, headPrecision: shares)
    let verdict = check.judge(evaluation: answer, double: nil, declaration: declaration).verdict
    return try isWrong(verdict, cause: .nonFinite)
  }

  /// Whether a verdict is that something is wrong, and is not that nothing is.
  ///
  /// - Throws: a verdict that is neither.
  private func isWrong(_ verdict: Verdict, cause: Disagreement.Cause) throws -> Bool {
    switch verdict {
    case .agrees: return false
    case .disagrees(let found) where found.cause == cause: return true
    default: throw Unexpected(verdict: verdict)
    }
  }

  private struct Unexpected: Error { let verdict: Verdict }

  /// dq of a query of length 0 is dy_h v_h / sqrt(epsilon), 80000 and -80000 in the two heads.
  @Test func `shares that leave the range behind a normalisation`() throws {
    func zeroQuery(epsilon: String) throws -> Problem {
      try problem(
        heads: 2, v: [40, 40], dy: [2, -2], state: nil, dstate: nil, q: 0,
        contract: try Contract("qk=l2norm:\(epsilon)"))
    }
    #expect(try !fails(.dq, zeroQuery(epsilon: "1e-6"), shares: .fp16))
    #expect(try fails(.dq, zeroQuery(epsilon: "1e-6"), shares: .fp32))
    #expect(try fails(.dq, zeroQuery(epsilon: "1"), shares: .fp16))
  }

  /// dq is the sum of dy_h v_h: 80000 and -80000 are inf and -inf, and 0 is NaN.
  @Test func `shares of two heads that leave the range before they cancel`() throws {
    let far = try problem(heads: 2, v: [40000, 40000], dy: [2, -2], state: nil, dstate: nil)
    let near = try problem(heads: 2, v: [4000, 4000], dy: [2, -2], state: nil, dstate: nil)
    #expect(try !fails(.dq, far, shares: .fp16))
    #expect(try fails(.dq, far, shares: .fp32))
    #expect(try fails(.dq, far, shares: .bf16))
    #expect(try fails(.dq, near, shares: .fp16))
  }

  /// dk = D (v - s) - D s: of 3 (60000 - 30000) and -3 30000 nothing is left.
  @Test func `the read's and the write's share of dk in one head`() throws {
    let far = try problem(heads: 1, v: [60000], dy: nil, state: 30000, dstate: 3)
    let near = try problem(heads: 1, v: [60000], dy: nil, state: 30000, dstate: 0.5)
    #expect(try !fails(.dk, far, shares: .fp16))
    #expect(try fails(.dk, far, shares: .fp32))
    #expect(try fails(.dk, near, shares: .fp16))
  }

  /// What is declared to be formed in fp16 is excused, its neighbours are not.
  @Test func `one gradient's range is not another's`() throws {
    let far = try problem(heads: 2, v: [40000, 40000], dy: [2, -2], state: nil, dstate: nil)
    #expect(try fails(.dstateIn, far, shares: .fp16))
    #expect(try !fails(.dbeta, far, shares: .fp32, beta: .fp16))
  }

  /// An honest product in bf16 is off by its roundoff, which an fp32 one is not allowed.
  @Test(arguments: ProductFormat.allCases) func `operands may be off by their declared format`(
    format: ProductFormat
  ) throws {
    let shape = try Shape(B: 1, T: 4, Hk: 1, Hv: 1, Dk: 2, Dv: 2)
    let problem = try Problem(
      shape: shape,
      primals: Primals(
        q: Tensor(shape: shape.key, repeating: 0.5), k: Tensor(shape: shape.key, repeating: 0.5),
        v: Tensor(shape: shape.value, repeating: 1),
        gates: .core(
          g: Tensor(shape: shape.gate, repeating: 0.9), beta: Tensor(shape: shape.token, repeating: 0.5)),
        state: nil),
      cotangents: Outputs(y: Tensor(shape: shape.value, repeating: 1)))
    let check = CrossCheck(problem)
    var declaration = Declaration(form: .chunked(length: 64))
    declaration.products = format
    func fails(by error: Double) throws -> Bool {
      var answer = check.reference().evaluation
      answer.results[.y]!.values[7] *= 1 + error
      let verdict = check.judge(evaluation: answer, double: nil, declaration: declaration).verdict
      return try isWrong(verdict, cause: .unknown)
    }
    #expect(try !fails(by: format.unitRoundoff))
    #expect(try fails(by: 200 * format.unitRoundoff))
  }
}
