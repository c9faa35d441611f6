import GatedDeltaRule
import Sweep

/// A long sequence as a chain of calls, the state handed from one to the next in the contract's format.
package struct DriftRun {
  private let implementation: any Implementation
  private var sequence: DriftSequence
  private let tokens: Int
  private let call: Int
  private var state: Tensor?
  private var reference = DriftReference()
  private var twins: DriftTwins?
  private var points: [DriftPoint] = []

  /// - Parameters:
  ///   - tokens: of the sequence.
  ///   - call: tokens of a call, a power of two up to `DriftSequence.piece`.
  package init(_ implementation: any Implementation, _ sequence: DriftSequence, tokens: Int, call: Int) {
    precondition(call > 0 && DriftSequence.piece % call == 0, "calls of \(call) do not fill a piece")
    (self.implementation, self.sequence, self.tokens, self.call) = (implementation, sequence, tokens, call)
  }

  /// Everything, until this says so.
  ///
  /// - Parameter stops: asked before every call, with the tokens behind it.
  package mutating func course(until stops: (_ done: Int) -> Bool) throws -> DriftCourse {
    var done = 0
    while done < tokens {
      if stops(done) { return ended(.outOfTime(tokens: done)) }
      let next = min(done + call, tokens)
      do {
        try advance(done..<next)
      } catch let refusal as Refusal {
        return ended(.refused(refusal.description))
      } catch let breakdown as Breakdown {
        return ended(.failed(breakdown.description))
      }
      done = next
    }
    return ended(.complete)
  }

  private func ended(_ end: DriftCourse.End) -> DriftCourse {
    DriftCourse(call: call, points: points, end: end)
  }

  private mutating func advance(_ range: Range<Int>) throws {
    let problem = try sequence.call(range)
    let asked = try problem.from(state)
    if let reason = implementation.refusal(of: asked) { throw Refusal(reason) }
    let answer = try implementation.evaluate(asked, request: Request(gradients: false))
    let declaration = implementation.declaration(for: asked, answering: answer)
    guard let found = answer[.stateOut], found.shape == problem.shape.state else {
      throw Breakdown("there is no state of the shape \(problem.shape.state)")
    }
    guard found.isFinite else { throw Breakdown("the state is not finite after token \(range.upperBound)") }
    state = found.rounded(to: problem.contract.state)
    let gates = GateTable(problem, DeclaredGates(declaration))
    if range.lowerBound == 0 { twins = DriftTwins(problem, declaration, tokens: call) }
    try reference.advance(problem, gates: gates, for: declaration)
    // Powers of two lie at the ends of calls.
    let isDue = range.upperBound & (range.upperBound - 1) == 0 || range.upperBound == tokens
    try follow(to: range.upperBound, declaration, isDue: isDue)
    if isDue { note(range.upperBound) }
  }

  /// Brings the twins to this token, where there is enough to do or somebody looks.
  private mutating func follow(to end: Int, _ declaration: Declaration, isDue: Bool) throws {
    guard let behind = twins, end > behind.done, isDue || end - behind.done >= behind.stride else { return }
    let problem = try sequence.call(behind.done..<end)
    try twins?.advance(problem, gates: GateTable(problem, DeclaredGates(declaration)))
  }

  private mutating func note(_ done: Int) {
    points.append(
      DriftPoint(
        tokens: done, error: reference.error(of: state), bound: reference.bound,
        twin: twins?.error(from: reference)))
  }
}
