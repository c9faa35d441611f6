import Foundation

/// FNV-1a, 64 bits: enough to notice a byte that changed, no more.
package enum Checksum {
  /// As sixteen hexadecimal digits.
  package static func of(_ bytes: Data) -> String { digits(bytes.withUnsafeBytes { fold($0) }) }

  /// The same of the text's UTF-8.
  package static func of(_ text: String) -> String { digits(hash(text)) }

  /// As a number; another for every seed.
  package static func hash(_ text: String, seed: UInt64 = 0) -> UInt64 {
    var text = text
    return text.withUTF8 { fold(UnsafeRawBufferPointer($0), seed: seed) }
  }

  /// Whether what has this name is drawn with this seed, as it is with one seed of so many.
  package static func draws(_ name: String, inOneOf count: UInt64, seed: UInt64) -> Bool {
    // The low bits of the hash depend on few bits of the seed, and names would be drawn together.
    hash(name, seed: seed) >> 32 % count == 0
  }

  private static func fold(_ bytes: UnsafeRawBufferPointer, seed: UInt64 = 0) -> UInt64 {
    var hash = 0xCBF2_9CE4_8422_2325 ^ seed
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return hash
  }

  private static func digits(_ hash: UInt64) -> String {
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
