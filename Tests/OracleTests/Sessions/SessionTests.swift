import GatedDeltaRule
import Generator
import Oracle
import Support
import Testing

/// An engine with one fault.
private struct Faulty: Implementation {
  let name = "faulty"
  let base = Specimen()
  var alter: @Sendable (Step, inout StepAnswer) -> Void

  var declaration: Declaration { base.declaration }
  func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
    try base.evaluate(problem, request: request)
  }
  func answer(_ step: Step, request: Request) throws -> StepAnswer {
    var answer = try base.answer(step, request: request)
    alter(step, &answer)
    return answer
  }
}

extension StepAnswer {
  fileprivate mutating func put(_ pool: Tensor, _ from: Int, at slot: Int) {
    let count = pool.values.count / pool.shape[0]
    for i in 0..<count { self.pool.values[slot * count + i] = pool.values[from * count + i] }
  }
}

/// The laws of sessions, each seen to fail where it must and to hold where it must.
@Suite struct SessionTests {
  static let recipe =
    "v1/B2-T9-Hk1-Hv2-Dk4-Dv4/keys=random/decay=-0.1/write=0.5/state=random"
    + "/calls=prefill:5.2,verify:4:2.0,undo:1,decode:2@1.x.0,fork@0,decode:1@2/pool=6:nan/f32/seed=1"

  private func result(_ law: String, _ alter: @escaping @Sendable (Step, inout StepAnswer) -> Void) throws
    -> PropertyResult
  {
    let recipe = try Recipe(Self.recipe)
    let runs = PropertyRuns(Faulty(alter: alter), on: try recipe.render(), exactness: .none, seed: 1)
    return try #require(Property.named(law)).check(runs)
  }

  static let laws = Property.all.map(\.name).filter { $0.hasPrefix("session") }

  @Test(arguments: laws) func `an honest engine keeps every law`(law: String) throws {
    let result = try result(law) { _, _ in }
    switch result {
    case .holds: #expect(law != "session-call")
    // Nothing is promised.
    case .notApplicable: #expect(law == "session-call")
    default: Issue.record("\(law): \(result)")
    }
  }

  @Test(arguments: laws) func `one call has no session`(law: String) throws {
    let problem = try Recipe("v1/B1-T3-Hk1-Hv1-Dk2-Dv2/seed=0").render()
    #expect(try !#require(Property.named(law)).applies(to: problem))
  }

  /// The place of a violation, which says step, row and slot.
  private func place(_ law: String, _ alter: @escaping @Sendable (Step, inout StepAnswer) -> Void) throws
    -> String?
  {
    switch try result(law, alter) {
    case .violated(let violation): return violation.what
    case let other:
      Issue.record("\(other)")
      return nil
    }
  }

  @Test func `rejected drafts that stay are seen where they stay`() throws {
    let place = try place("session-pool") { step, answer in
      guard step.kind == .verify, let history = answer.history else { return }
      answer.put(history, step.historyOffset(of: 0) + step.rows[0].tokens, at: step.rows[0].slot!)
    }
    #expect(place == "slot 5, which step 2 does not write")
  }

  @Test func `a snapshot too late is no state with so many tokens kept`() throws {
    let place = try place("session") { step, answer in
      guard step.kind == .keep, step.rows[0].kept < step.rows[0].tokens else { return }
      answer.put(step.history!, step.historyOffset(of: 0) + step.rows[0].kept + 1, at: step.rows[0].slot!)
    }
    #expect(place?.hasSuffix("tokens kept, step 3, row 0, slot 5") == true)
  }

  @Test func `what is kept of nothing has the bits of before`() throws {
    let place = try place("session-pool") { step, answer in
      guard step.kind == .keep, step.rows[1].kept == 0 else { return }
      answer.put(step.history!, step.historyOffset(of: 1) + 1, at: step.rows[1].slot!)
    }
    #expect(place?.hasPrefix("nothing is kept, step 2") == true)
  }

  @Test func `a slot of -1 that is written is seen`() throws {
    let place = try place("session-pool") { step, answer in
      guard step.rows.contains(where: { $0.slot == nil }) else { return }
      answer.put(step.pool, 4, at: 0)
    }
    #expect(place == "slot 0, which step 4 does not write")
  }

  @Test func `a fork that is written together with its source is seen`() throws {
    let place = try place("session-pool") { step, answer in
      guard step.kind == .advance, step.rows.count == 1, step.rows[0].slot == 3 else { return }
      answer.put(answer.pool, 3, at: 5)
    }
    #expect(place == "slot 5, which step 6 does not write")
  }

  @Test func `a row that reads another's slot is no segment of its sequence`() throws {
    let place = try place("session") { step, answer in
      guard step.kind == .advance, step.rows.count == 3, let y = answer.y else { return }
      let width = y.shape.dropFirst(2).reduce(1, *)
      for i in 0..<width { answer.y!.values[2 * width + i] = y.values[i] }
    }
    #expect(place == "y, step 4, row 0, slot 5")
  }

  @Test func `a row that depends on its neighbour is not the same alone`() throws {
    let place = try place("session-alone") { step, answer in
      guard step.rows.count > 1, answer.y != nil, step.kind == .advance else { return }
      answer.y!.values[0] += 1
    }
    #expect(place?.hasPrefix("y, step") == true)
    #expect(
      try self.place("session-order") { step, answer in
        guard step.kind == .advance, answer.y != nil else { return }
        answer.y!.values[0] += 1
      } != nil)
  }

  @Test func `NaN in an answer fails`() throws {
    #expect(try place("session") { _, answer in answer.y?.values[0] = .nan } != nil)
  }

  @Test func `an answer of another shape is none`() throws {
    let result = try result("session") { _, answer in answer.y = nil }
    guard case .failed(let reason) = result else { Issue.record("\(result)"); return }
    #expect(reason.hasPrefix("advance: y is missing"))
  }
}
