import GatedDeltaRule
import Implementations
import Support
import Testing

/// What is built in takes steps of a session natively: the bits are those of one plain call for each row.
@Suite struct StepTests {
  /// An implementation through plain calls alone.
  private struct Plain: Implementation {
    let base: any Implementation
    var name: String { base.name }
    func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
      try base.evaluate(problem, request: request)
    }
  }

  static let names = Registry.all.map(\.name)

  private func step(_ name: String, isPadded: Bool, kind: Step.Kind = .advance, wantsHistory: Bool = false)
    throws
    -> Step
  {
    let counts = [70, 0, 3, 1]
    let longest = isPadded ? counts.max()! : counts.reduce(0, +)
    let shape = try Shape(
      B: isPadded ? counts.count : 1, T: longest, Hk: 1, Hv: 2, Dk: 32, Dv: 4,
      decayKind: name == "chunked-kda" ? .perChannel : .scalar)
    let problem = try Sample(shape: shape, hasState: false, hasCotangents: false).problem
    let live = counts.flatMap { count in (0..<longest).map { $0 < count } }
    let tokens = try Problem(
      shape: shape, primals: problem.primals, mask: isPadded ? Mask(B: 4, T: longest, live: live) : nil,
      cotangents: Outputs(), domain: .any)
    var pool = Tensor(shape: [6, 2, 4, 32])
    for i in pool.values.indices { pool.values[i] = Double(Float(i * 37 % 101) / 128 - 0.4) }
    let rows = [
      Step.Row(slot: 4, tokens: counts[0]), Step.Row(slot: 1, tokens: counts[1], isFresh: true),
      Step.Row(slot: 0, tokens: counts[2], isFresh: true), Step.Row(slot: nil, tokens: counts[3]),
    ]
    return Step(
      kind, rows: rows, tokens: tokens, isPadded: isPadded, pool: pool, wantsHistory: wantsHistory)
  }

  @Test(arguments: names, [false, true])
  func `a step has the bits of a plain call for each row`(name: String, isPadded: Bool) throws {
    let native = try #require(Registry.named(name))
    let step = try step(name, isPadded: isPadded)
    guard native.refusal(of: step.tokens!) == nil else {
      #expect(throws: Refusal.self) { try native.answer(step, request: Request()) }
      return
    }
    let found = try native.answer(step, request: Request())
    let expected = try Plain(base: native).answer(step, request: Request())
    #expect(found.pool == expected.pool)
    #expect(found.pool != step.pool)
    let (y, plain) = (try #require(found.y), try #require(expected.y))
    let width = 2 * 4
    for (index, row) in step.rows.enumerated() where row.slot != nil {
      let first = (isPadded ? index * step.tokens!.shape.T : step.offsets[index]) * width
      let elements = first..<first + row.tokens * width
      #expect(y.values[elements] == plain.values[elements])
    }
  }

  @Test(arguments: names) func `verifying writes nothing, and what is kept is a state of the history`(
    name: String
  ) throws {
    let native = try #require(Registry.named(name))
    let step = try step(name, isPadded: false, kind: .verify, wantsHistory: true)
    let found = try native.answer(step, request: Request())
    #expect(found.pool == step.pool)
    let history = try #require(found.history)
    #expect(history.shape == [74 + 4, 2, 4, 32])
    var rows = step.rows
    for index in rows.indices { rows[index].kept = [5, 0, 3, 0][index] }
    let keep = Step(.keep, rows: rows, pool: found.pool, history: history)
    let kept = try native.answer(keep, request: Request())
    #expect(kept.pool == (try Plain(base: native).answer(keep, request: Request())).pool)
    let count = 2 * 4 * 32
    #expect(kept.pool.values[4 * count..<5 * count] == history.values[5 * count..<6 * count])
    #expect(kept.pool.values[count..<2 * count].allSatisfy { $0 == 0 })
  }

  @Test(arguments: [false, true])
  func `the serving engine gives prompts to the chunked kernel and single tokens to the recurrence`(
    isPadded: Bool
  ) throws {
    var step = try step("session", isPadded: isPadded)
    step.rows[3].slot = 2
    let found = try #require(Registry.named("session")).answer(step, request: Request())
    let (prompts, single) = (try answer("chunked-stable", step), try answer("sequential", step))
    #expect(prompts != single)
    let state = 2 * 4 * 32
    for (index, row) in step.rows.enumerated() {
      let expected = row.tokens == 1 ? single : prompts
      let first = (isPadded ? index * step.tokens!.shape.T : step.offsets[index]) * 8
      let elements = first..<first + row.tokens * 8
      #expect(found.y?.values[elements] == expected.y?.values[elements])
      let slot = row.slot! * state..<(row.slot! + 1) * state
      #expect(found.pool.values[slot] == expected.pool.values[slot])
    }
    #expect(throws: Refusal.self) {
      try #require(Registry.named("session")).evaluate(step.tokens!, request: Request())
    }
  }

  private func answer(_ name: String, _ step: Step) throws -> StepAnswer {
    try #require(Registry.named(name)).answer(step, request: Request())
  }

  @Test func `states in 16 bits are rounded behind every call`() throws {
    var step = try step("sequential", isPadded: false)
    step.pool = step.pool.rounded(to: .bf16)
    let found = try #require(Registry.named("sequential")).answer(step, request: Request())
    #expect(found.pool.precision == .bf16)
    #expect(found.pool.values.allSatisfy { Precision.bf16.round($0) == $0 })
    #expect(found.pool != step.pool)
    // Behind the call and not inside of it, whether or not the states on the way are wanted.
    step.wantsHistory = true
    let other = try #require(Registry.named("sequential")).answer(step, request: Request())
    #expect(other.pool == found.pool && other.y == found.y)
    #expect(other.history?.values.allSatisfy { Precision.bf16.round($0) == $0 } == true)
  }
}
