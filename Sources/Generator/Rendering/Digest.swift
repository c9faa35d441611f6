import GatedDeltaRule

extension Problem {
  /// A hash of every bit of this problem: names, shapes, formats, values and the mask. Sixteen hexadecimal digits.
  ///
  /// A saved case records it, so that a renderer that drifted is an error and never a different case.
  public var digest: String {
    var digest = Digest()
    for size in [shape.B, shape.T, shape.Hk, shape.Hv, shape.Dk, shape.Dv, shape.decayWidth] {
      digest.add(UInt64(size))
    }
    for (input, tensor) in tensors {
      digest.add(input.rawValue)
      digest.add(tensor.precision.rawValue)
      digest.add(tensor.values)
    }
    if contract != .plain { digest.add(contract.description) }
    if let calls { digest.add(calls.text + (calls.pool.map { "/\($0)" } ?? "")) }
    if let mask {
      digest.add("mask")
      for flag in mask.live { digest.add(flag ? 1 : 0) }
    }
    return digest.text
  }
}

/// Words hashed one after the other.
struct Digest {
  private var state: UInt64 = 0

  mutating func add(_ word: UInt64) {
    // Two rounds of multiply and fold: each word reaches every bit of what follows.
    state = (state ^ word) &* 0xBF58_476D_1CE4_E5B9
    state = (state ^ (state >> 32)) &* 0x94D0_49BB_1331_11EB
    state ^= state >> 29
  }

  mutating func add(_ text: String) {
    for byte in text.utf8 { add(UInt64(byte)) }
    add(UInt64(text.utf8.count))
  }

  mutating func add(_ values: [Double]) {
    // A NaN is a NaN: its sign and payload are the processor's.
    for value in values { add(value.isNaN ? 0x7FF8_0000_0000_0000 : value.bitPattern) }
    add(UInt64(values.count))
  }

  var text: String {
    let digits = String(state, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
