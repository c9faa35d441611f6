/// What is asked of an implementation besides the problem.
public struct Request: Hashable, Sendable {
  /// The arithmetic to run in.
  public enum Arithmetic: String, Hashable, Sendable {
    /// The implementation's own, fp32 or less.
    case working
    /// The same algorithm in fp64, where it offers that.
    case double
  }

  /// Which arithmetic.
  public var arithmetic: Arithmetic
  /// Whether gradients are wanted as well.
  public var gradients: Bool
  /// The line that the problem was rendered from, where there is one: for logs, and for finding the case again
  /// after a crash.
  public var recipe: String?
  /// In which order the inputs lie where they are handed over as one piece of memory, and where that begins; 0 is the
  /// usual. No result bit may depend on it.
  package var order: UInt64 = 0
  /// How many threads one evaluation may use; no result bit may depend on it.
  public var threads: Int

  /// By default everything, in the implementation's own arithmetic, on the calling thread.
  public init(
    arithmetic: Arithmetic = .working, gradients: Bool = true, recipe: String? = nil, threads: Int = 1
  ) {
    (self.arithmetic, self.gradients, self.recipe, self.threads) = (arithmetic, gradients, recipe, threads)
  }
}
