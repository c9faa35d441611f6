import GatedDeltaRule
import Machine

extension Frame {
  /// The key of a reply that says what was seen of the memory of the kernel.
  private static let memoryKey = "memory"
  /// What is shown of a reply: sentences, and scalars of each.
  private static let memoryLimit = (sentences: 8, length: 100)

  /// What was seen of the memory of the kernel, a line of the text each: one line of bounded length whatever the worker wrote,
  /// and so many of them.
  var memory: [String] {
    get {
      let (most, length) = Frame.memoryLimit
      // A worker may write as much as a header holds.
      let lines = (metadata[Frame.memoryKey] ?? "").split(maxSplits: most, whereSeparator: \.isNewline)
        .map { oneLine(String($0.prefix(while: { !$0.isNewline })), limit: length) }.filter { !$0.isEmpty }
      return lines.count > most ? lines.prefix(most) + ["and more"] : lines
    }
    set { metadata[Frame.memoryKey] = newValue.isEmpty ? nil : newValue.joined(separator: "\n") }
  }
}
