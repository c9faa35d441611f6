/// A flag that a command knows.
package struct Flag: Hashable, Sendable {
  /// Without the dashes.
  package let name: String
  /// What its value is, for the usage text; nil if it takes none.
  package let kind: String?
  /// Whether it may be given more than once.
  package let repeats: Bool
  /// Whether the command does nothing without it.
  package let isRequired: Bool
  /// The flag without which it means nothing, and is refused.
  package let needs: String?
  /// What is done to the file that its value names; nil if it names none.
  package let file: FileUse?
  /// What its value may be, where there are names for it that its kind does not list.
  package let words: [String]
  /// One line.
  package let summary: String

  /// A flag, by default one that takes no value.
  package init(
    _ name: String, _ kind: String? = nil, repeats: Bool = false, isRequired: Bool = false,
    needs: String? = nil, file: FileUse? = nil, words: [String] = [], summary: String
  ) {
    (self.name, self.kind, self.repeats, self.isRequired) = (name, kind, repeats, isRequired)
    (self.needs, self.file, self.words, self.summary) = (needs, file, words, summary)
  }
}
