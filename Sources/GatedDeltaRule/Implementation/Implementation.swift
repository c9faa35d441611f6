/// Something that computes the gated delta rule: the accused.
public protocol Implementation: Sendable {
  /// Unique and short: what a person types after `--only`.
  var name: String { get }
  /// One sentence: what it is.
  var summary: String { get }
  /// What it says of itself; the verdict is derived from it.
  var declaration: Declaration { get }
  /// The same for one problem: a rounding to the format of the inputs depends on it.
  func declaration(for problem: Problem) -> Declaration
  /// Why it will not take this problem, or nil.
  func refusal(of problem: Problem) -> String?
  /// Outputs and gradients. A throw is a finding like any other.
  func evaluate(_ problem: Problem, request: Request) throws -> Evaluation
  /// Leaves behind whatever earlier problems may have left in it.
  func startAfresh()
}

extension Implementation {
  /// The same for every problem.
  public func declaration(for problem: Problem) -> Declaration { declaration }
  /// What computes in this process keeps nothing.
  public func startAfresh() {}
}
