import GatedDeltaRule

/// What a command works with besides its arguments.
package struct Context: Sendable {
  /// The implementations, in the order they are listed.
  package let implementations: [any Implementation]
  /// More of them, which take part only where they are named.
  package let askedByName: [any Implementation]
  /// What judges them.
  package let judge: Judge
  /// Where lines go.
  package let console: Console
  /// The names of the workers of `--against`: evaluated always, and alone unless `--only` names others.
  package let workers: [String]
  /// This program, for starting it afresh; nil where there is none to start.
  package let executable: String?
  /// The words of the command line, without the program's name.
  package var words: [String] = []

  package init(
    implementations: [any Implementation], askedByName: [any Implementation] = [], judge: @escaping Judge,
    console: Console, workers: [String] = [], executable: String? = nil
  ) {
    (self.implementations, self.judge, self.console, self.workers) = (
      implementations, judge, console, workers
    )
    (self.askedByName, self.executable) = (askedByName, executable)
  }

  /// The implementation of this name.
  func implementation(named name: String) throws(UsageError) -> any Implementation {
    guard !implementations.isEmpty else { throw .noImplementations }
    let all = implementations + askedByName
    guard let implementation = all.first(where: { $0.name == name }) else {
      throw .unknownImplementation(name, nearest: nearest(to: name, in: all.map(\.name)))
    }
    return implementation
  }
}
