/// Something that computes the gated delta rule: what is tested.
public protocol Implementation: Sendable {
  /// Unique and short: what a person types after `--only`.
  var name: String { get }
  /// One sentence: what it is; by default the name.
  var summary: String { get }
  /// What it says of itself; the verdict is derived from it. By default the plainest: one token after the other, no
  /// clamp, fp32 throughout, no run in fp64.
  var declaration: Declaration { get }
  /// The same for one problem, where a rounding depends on the format of the inputs; by default the same for all.
  func declaration(for problem: Problem) -> Declaration
  /// Why it will not take this problem, or nil; by default it takes all.
  func refusal(of problem: Problem) -> String?
  /// Outputs, y [B,T,Hv,Dv] and the state after the last token [B,Hv,Dv,Dk], and where gradients are asked for and
  /// there are any, the gradients of the loss by the inputs, each of its input's shape.
  ///
  /// - Throws: `Refusal` where only trying tells that the problem is not for it. Anything else is a finding.
  func evaluate(_ problem: Problem, request: Request) throws -> Evaluation
  /// One call of a session on a pool of states; by default a plain call for each row of it, or one for a padded batch,
  /// with the state taken from the pool and put back.
  ///
  /// - Throws: as `evaluate` does.
  func answer(_ step: Step, request: Request) throws -> StepAnswer
  /// Whether it computes in this process, where evaluations side by side could meet in its memory; by default it does.
  var sharesMemory: Bool { get }
  /// Bytes that it holds beside inputs and results while it works on a problem of this shape, at most, so that nobody
  /// asks for what there is no memory for; by default nothing.
  func workingBytes(for shape: Shape, threads: Int) -> Double
  /// Leaves behind whatever earlier problems may have left in it; by default there is nothing.
  func startAfresh()
}

extension Implementation {
  /// What an answer to a problem is judged by: what it says of itself goes before what is declared.
  package func declaration(for problem: Problem, answering evaluation: Evaluation?) -> Declaration {
    var declaration = declaration(for: problem)
    if let form = evaluation?.form { declaration.form = form }
    if let clamp = evaluation?.clamp { declaration.clamp = clamp }
    return declaration
  }
}

/// An implementation in this process whose packed steps have gradients where they are wanted; a program says so in its
/// declaration.
public protocol PackedTraining: Implementation {}

extension Implementation {
  /// Its name.
  public var summary: String { name }
  /// The plainest.
  public var declaration: Declaration { Declaration(offersDouble: false) }
  /// None.
  public func refusal(of problem: Problem) -> String? { nil }
  /// The same for every problem.
  public func declaration(for problem: Problem) -> Declaration { declaration }
  /// By plain calls.
  public func answer(_ step: Step, request: Request) throws -> StepAnswer {
    try plainAnswer(step, request: request)
  }
  /// A step made of plain calls without gradients, in the arithmetic of the request, for what has no such step of its
  /// own.
  public func plainAnswer(_ step: Step, request: Request) throws -> StepAnswer {
    var request = request
    request.gradients = false
    return try PlainCalls { problem in
      if let reason = refusal(of: problem) { throw Refusal(reason) }
      return try evaluate(problem, request: request)
    }.answer(step)
  }
  /// In this process.
  public var sharesMemory: Bool { true }
  /// Nothing worth counting.
  public func workingBytes(for shape: Shape, threads: Int) -> Double { 0 }
  /// What computes in this process keeps nothing.
  public func startAfresh() {}
}
