import GatedDeltaRule
import Generator
import Oracle

extension Taken {
  /// What it takes, where there is something that it refuses: `the core level, no mask`; nil where there is nothing.
  package var words: String? {
    let parts =
      [
        restriction.level.map { "the \($0.rawValue) level" },
        restriction.decayKind.map { $0 == .perChannel ? "a decay per key channel" : "one decay a head" },
        restriction.excludesMasks ? "no mask" : nil,
        restriction.precisions.isEmpty
          ? nil : "inputs in " + restriction.precisions.map(\.rawValue).joined(separator: ", "),
      ].compactMap(\.self) + (families.isEmpty ? [] : ["of the sizes tried " + Taken.text(families)])
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }

  /// Sizes without the formats, `Hk1-Hv2-Dk32-Dv32 and Hk1-Hv2-Dk64-Dv64 in f32, bf16`.
  private static func text(_ families: [Family]) -> String {
    func column(_ part: Int) -> [String] {
      var seen: [String] = []
      for family in families {
        let word = String(family.description.split(separator: "/")[part])
        if !seen.contains(word) { seen.append(word) }
      }
      return seen
    }
    return column(0).joined(separator: ", ") + " in " + column(1).joined(separator: ", ")
  }

  /// The flags of `gdr fuzz` that ask for it, as far as there are such.
  package var flags: String {
    let flags = [
      restriction.level.map { "--level \($0.rawValue)" },
      restriction.decayKind.map { $0 == .perChannel ? "--channels" : "--no-channels" },
      restriction.excludesMasks ? "--no-mask" : nil,
      families.isEmpty ? nil : "--families " + families.map(\.description).joined(separator: ","),
    ]
    return flags.compactMap(\.self).map { " " + $0 }.joined()
  }
}
