import Foundation

/// FNV-1a, 64 bits: enough to notice a byte that changed, no more.
package enum Checksum {
  /// As sixteen hexadecimal digits.
  package static func of(_ bytes: Data) -> String { digits(fold(bytes)) }

  /// The same of the text's UTF-8.
  package static func of(_ text: String) -> String { digits(fold(text.utf8)) }

  /// As a number; another for every seed.
  package static func hash(_ text: String, seed: UInt64 = 0) -> UInt64 { fold(text.utf8, seed: seed) }

  private static func fold(_ bytes: some Sequence<UInt8>, seed: UInt64 = 0) -> UInt64 {
    bytes.reduce(0xCBF2_9CE4_8422_2325 ^ seed) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
  }

  private static func digits(_ hash: UInt64) -> String {
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
