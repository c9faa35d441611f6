import Foundation

extension JSONEncoder {
  /// With sorted keys, and words for numbers that JSON has none for.
  static func ofNumbers(_ formatting: OutputFormatting = []) -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = formatting.union(.sortedKeys)
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "NaN")
    return encoder
  }
}
