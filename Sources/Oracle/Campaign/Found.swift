import Generator

extension Campaign {
  /// A finding and how it came about.
  package struct Found: Sendable, Hashable, Codable {
    /// As it is saved.
    package var finding: Finding
    /// The index of the case it was met in.
    package let index: Int
    /// That case.
    package let origin: Recipe
    /// What failures like the one that was met are counted under.
    package let signature: String
    /// How it was reduced.
    package let shrunk: Shrinker.Result
    /// The verdict of the reduced case, in a sentence.
    package internal(set) var sentence: String
    /// Whether it was found in a control.
    package let isControl: Bool
    /// How many of the fresh processes that were asked show it again; nil if none was asked.
    package var reproductions: Int?
    /// How the implementation is brought along, where it is not built in: `--against 'mine=python3 worker.py'`.
    package var against: String?
    /// The line that shows it again, where that is no command of this tool.
    package var replay: String?
    /// Which elements were off on the case that it was met in; nil where none is past its bound, or nobody looked.
    package var pattern: ErrorPattern?
    /// What is known of its cause, in lines.
    package var explanation: [String] = []
    /// What findings of one cause have in common; nil where the cause was not looked for.
    package var cause: String?
    /// Of a violated property, how the answer to a problem fails that it makes of the case; nil where that is right too.
    package var underlying: Failure?

    /// The fresh processes that must show a finding again where it counts only then.
    package static let freshProcesses = 2

    /// Whether nothing speaks against counting it.
    package var isReproduced: Bool { reproductions.map { $0 >= Found.freshProcesses } ?? true }
  }
}
