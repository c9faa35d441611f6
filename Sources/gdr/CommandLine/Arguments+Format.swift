import GatedDeltaRule

extension Arguments {
  /// The format of inputs by the word that a recipe has for it.
  ///
  /// - Throws: `UsageError` for another word.
  static func format(_ text: String, of flag: String) throws(UsageError) -> Precision {
    switch text {
    case "f32": return .fp32
    case "bf16": return .bf16
    case "f16": return .fp16
    default: throw .notAChoice(flag: flag, text: text, choices: ["f32", "bf16", "f16"])
    }
  }
}
