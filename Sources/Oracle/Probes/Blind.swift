import GatedDeltaRule
import Generator
import Synchronization

/// An implementation that is not told which case it is asked, and that is probed between the cases: whether the answer
/// comes of the inputs, of all of them, and of nothing else.
///
/// A probe compares with the reference alone. What is honest may give other bits every time; it is wrong at no time.
package final class Blind: ImplementationWrapper {
  /// The one that is asked.
  package let base: any Implementation

  private let state: Mutex<State>

  /// A problem that was answered well, to be asked again.
  private struct Earlier {
    let problem: Problem
    let answer: Evaluation
    let recipe: String?
    let turn: Int
  }

  private struct State {
    var draw: Draw
    var turns = 0
    var log = AnswerLog()
    var earlier: [Earlier] = []
    var tallies: [Probe: ProbeTally] = [:]
    var refusals: [String: Int] = [:]
    var refused = 0
  }

  /// An answer of so many is followed by probes; so many problems are kept to be asked again, each after so many others.
  private static let interval = 6, kept = 8, pause = 10
  /// So many refusals, and then two in 2^4, are put to a fresh process.
  private static let afresh = 4

  /// - Parameter seed: of what is probed and when: drawn anew for every run, so that nobody can know it.
  package init(_ base: any Implementation, seed: UInt64 = .random(in: 0...UInt64.max)) {
    self.base = base
    state = Mutex(State(draw: Draw(seed: seed, name: "probes")))
  }

  /// What the probes came to.
  package var tallies: [Probe: ProbeTally] { state.withLock { $0.tallies } }

  /// How often it refused for the values alone, by the reason.
  package var refusalsByValue: [String: Int] { state.withLock { $0.refusals } }

  package func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
    let answer: Evaluation
    do {
      answer = try base.evaluate(problem, request: request.untold)
    } catch let refusal as Refusal {
      probe(refusal, of: problem, request)
      throw refusal
    }
    if request.arithmetic == .working, request.gradients { look(at: answer, to: problem, request) }
    return answer
  }

  /// The answer without any probe after it, and without the case: to learn what it takes, before a run.
  package func answer(withoutProbes problem: Problem) throws -> Evaluation {
    try base.evaluate(problem, request: Request())
  }

  package func answer(_ step: Step, request: Request) throws -> StepAnswer {
    try base.answer(step, request: request.untold)
  }

  /// Says what came of a probe.
  package func note(_ probe: Probe, _ breach: String?, on recipe: String?) {
    state.withLock { $0.tallies[probe, default: ProbeTally()].add(breach, on: recipe) }
  }
}

/// What is looked for after an answer.
extension Blind {
  private func look(at answer: Evaluation, to problem: Problem, _ request: Request) {
    let (stale, isDue, earlier) = state.withLock { state in
      state.turns += 1
      let stale = state.log.add(answer, to: problem, turn: state.turns)
      // Of a short run too there is a probe.
      let isFirst = state.turns <= Blind.kept && state.tallies[.change] == nil
      let isDue = state.draw.integer(below: Blind.interval) == 0 || isFirst
      var earlier: Earlier?
      if state.turns % Blind.pause == 0,
        let place = state.earlier.firstIndex(where: { state.turns - $0.turn > Blind.pause })
      {
        earlier = state.earlier.remove(at: place)
      }
      return (stale, isDue, earlier)
    }
    if let stale, !stale.results.isDisjoint(with: wrongResults(of: answer, to: problem)),
      isRightAfresh(problem, request)
    {
      note(.stale, "that of \(stale.turns) answers before", on: request.recipe)
    }
    lookForConstants(answer, problem, request, isDue: isDue)
    if let earlier { askAgain(earlier, request) }
    guard isDue, !isWrong(answer, to: problem) else { return }
    note(.stale, nil, on: nil)
    askInAnotherOrder(problem, request)
    askWithOneChange(problem, request)
    state.withLock { state in
      guard state.earlier.count < Blind.kept else { return }
      state.earlier.append(
        Earlier(problem: problem, answer: answer, recipe: request.recipe, turn: state.turns))
    }
  }

  /// Zeros are the right answer to so much that they are looked at now and then only.
  private func lookForConstants(_ answer: Evaluation, _ problem: Problem, _ request: Request, isDue: Bool) {
    let constant = answer.results.filter { _, tensor in
      tensor.values.count >= 8 && !tensor.hasSeveralValues && (isDue || tensor.values[0] != 0)
    }
    guard !constant.isEmpty else {
      if isDue { note(.constant, nil, on: nil) }
      return
    }
    let allWrong = wrongResults(of: answer, to: problem)
    let wrong = Quantity.allCases.filter { constant[$0] != nil && allWrong.contains($0) }
    let always = wrong.isEmpty ? [] : constantElsewhere(wrong, constant, request)
    let breach = always.first.map { "\($0.rawValue) is \(Report.number(constant[$0]?.values.first ?? .nan))" }
    note(.constant, breach, on: request.recipe)
  }

  /// Those of these results that are their one number for other values of the inputs too: one wrong formula may make zeros
  /// of some.
  private func constantElsewhere(
    _ wrong: [Quantity], _ constant: [Quantity: Tensor], _ request: Request
  ) -> [Quantity] {
    guard let text = request.recipe, let recipe = try? Recipe(text), recipe.calls == nil,
      let tame = try? recipe.tame.render(), let answer = try? base.evaluate(tame, request: request.untold)
    else { return wrong }
    let wrongThere = wrongResults(of: answer, to: tame)
    return wrong.filter { quantity in
      guard let found = answer[quantity] else { return true }
      return !found.hasSeveralValues && found.values.first == constant[quantity]?.values.first
        && wrongThere.contains(quantity)
    }
  }

  private func askInAnotherOrder(_ problem: Problem, _ request: Request) {
    var other = request.untold
    other.order = state.withLock { UInt64($0.draw.integer(below: 1 << 30)) + 1 }
    guard let answer = ask(problem, request, other, for: .order) else { return }
    guard isWrong(answer, to: problem) else { return note(.order, nil, on: nil) }
    // What comes and goes is no matter of the order.
    let isOfOrder = isStillRight(problem, request) && !isStillRight(problem, other)
    note(isOfOrder ? .order : .repeat, "", on: request.recipe)
  }

  /// The answer to a problem that was answered before, or to one of the same sizes; nil where there is none. An error is
  /// noted, and a refusal of what was taken.
  private func ask(
    _ problem: Problem, _ request: Request, _ asked: Request, for probe: Probe
  ) -> Evaluation? {
    do {
      return try base.evaluate(problem, request: asked)
    } catch is Refusal {
      if probe != .change { note(.whim, "", on: request.recipe) }
    } catch let breakdown as Breakdown {
      note(probe, breakdown.description, on: request.recipe)
    } catch {}
    return nil
  }

  private func askWithOneChange(_ problem: Problem, _ request: Request) {
    guard let changed = exchanged(problem), let answer = ask(changed, request, request.untold, for: .change)
    else {
      return
    }
    guard isWrong(answer, to: changed) else { return note(.change, nil, on: nil) }
    guard isStillRight(problem, request), !isStillRight(changed, request) else {
      return note(.repeat, "", on: request.recipe)
    }
    note(.change, isRightAfresh(changed, request) ? "" : nil, on: request.recipe)
  }

  /// Whether a problem that was answered well is so once more: if not, the fault is one of time or of calls, and what was
  /// changed in between is not the reason.
  private func isStillRight(_ problem: Problem, _ request: Request) -> Bool {
    let again = try? base.evaluate(problem, request: request.untold)
    return again.map { !isWrong($0, to: problem) } ?? false
  }

  /// Whether a fresh process is right where this one was not: what is hard for everybody, or a fault of the kernel, is
  /// wrong there as well and no sign of anything remembered.
  private func isRightAfresh(_ problem: Problem, _ request: Request) -> Bool {
    base.startAfresh()
    let fresh = try? base.evaluate(problem, request: request.untold)
    return fresh.map { !isWrong($0, to: problem) } ?? false
  }

  private func askAgain(_ earlier: Earlier, _ request: Request) {
    guard let answer = ask(earlier.problem, request, request.untold, for: .repeat) else { return }
    let isSame = answer.results.allSatisfy { earlier.answer[$0.key].map($0.value.hasBits) ?? false }
    note(.repeat, isSame || !isWrong(answer, to: earlier.problem) ? nil : "", on: earlier.recipe)
  }

  /// The same with two values of v exchanged that differ, at live tokens; nil where there are none.
  private func exchanged(_ problem: Problem) -> Problem? {
    var draft = Draft(problem)
    guard var v = draft[.v], problem.shape.B * problem.shape.T > 0 else { return nil }
    let width = v.values.count / (problem.shape.B * problem.shape.T)
    let live = v.values.indices.filter {
      problem.isLive($0 / width / problem.shape.T, $0 / width % problem.shape.T)
    }
    guard live.count >= 2 else { return nil }
    let (i, start) = state.withLock {
      (live[$0.draw.integer(below: live.count)], $0.draw.integer(below: live.count))
    }
    let order = live[start...] + live[..<start]
    guard let j = order.first(where: { v.values[$0] != v.values[i] }) else { return nil }
    v.values.swapAt(i, j)
    draft[.v] = v
    return try? draft.problem()
  }
}

/// What is looked for where it does not answer, or not well.
extension Blind {
  /// Whether a refusal is one of sizes, of values, or of what neither of them decides.
  private func probe(_ refusal: Refusal, of problem: Problem, _ request: Request) {
    guard let text = request.recipe, let recipe = try? Recipe(text), recipe.calls == nil,
      let tame = try? recipe.tame.render(), base.refusal(of: tame) == nil
    else { return }
    func isTaken(_ problem: Problem) -> Bool { (try? base.evaluate(problem, request: Request())) != nil }
    // A process may have made up its mind; a fresh one starts too slowly to be asked every time, and the first that it is
    // asked may make up its mind too.
    let (count, other) = state.withLock { state in
      state.refused += 1
      let known = state.earlier
      return (state.refused, known.isEmpty ? nil : known[state.draw.integer(below: known.count)].problem)
    }
    if count <= Blind.afresh || count % (1 << Blind.afresh) < 2 {
      base.startAfresh()
      // Who knows that it is fresh is not to know why.
      if let other { _ = try? base.evaluate(other, request: Request()) }
    }
    let isTameFirst = count % 2 == 1
    let isOfValues = isTameFirst && isTaken(tame)
    guard isOfValues || !isTaken(problem) else { return note(.whim, "", on: text) }
    note(.whim, nil, on: text)
    guard isOfValues || (!isTameFirst && isTaken(tame)) else { return note(.tame, nil, on: text) }
    note(.tame, "", on: text)
    state.withLock { state in
      let reason = String(refusal.description.prefix(200))
      if state.refusals[reason] != nil || state.refusals.count < 64 {
        state.refusals[reason, default: 0] += 1
      }
    }
  }

  func wrongResults(of answer: Evaluation, to problem: Problem) -> Set<Quantity> {
    let ratios = judgement(of: answer, to: problem).ratios
    return Set(ratios.filter { !($0.value <= 1) }.keys)
  }

  func isWrong(_ answer: Evaluation, to problem: Problem) -> Bool {
    switch judgement(of: answer, to: problem).verdict.grade {
    case .disagrees, .failed: true
    case .agrees, .degraded, .refused: false
    }
  }

  private func judgement(of answer: Evaluation, to problem: Problem) -> Judgement {
    CrossCheck(problem).judge(
      evaluation: answer, double: nil, declaration: base.declaration(for: problem, answering: answer))
  }
}

extension Request {
  /// The same without what says which case it is.
  fileprivate var untold: Request {
    var request = self
    request.recipe = nil
    return request
  }
}

extension Recipe {
  /// The same sizes, level, mask, format and rule with ordinary values.
  var tame: Recipe {
    var tame = self
    (tame.numbers, tame.keys, tame.queries, tame.values) = (.any, .random, .random, .random)
    (tame.decay, tame.write) = (.constant(-0.5), .constant(0.5))
    (tame.A_log, tame.dt_bias, tame.pad) = (.constant(0), .constant(0), .zeros)
    if tame.state != .none { tame.state = .random }
    (tame.dy, tame.dstate) = (.random, tame.dstate == .none ? .none : .random)
    return tame
  }
}
