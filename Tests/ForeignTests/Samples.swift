import Foreign
import GatedDeltaRule

/// Bytes of a frame with this header, whatever it claims.
func bytes(header: String, data: [UInt8] = [], length: UInt64? = nil) -> [UInt8] {
  let length = length ?? UInt64(header.utf8.count)
  return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + header.utf8 + data
}

/// A header of one tensor `x`.
func header(
  dtype: String = "\"F32\"", shape: String = "[2]", offsets: String = "[0,8]"
) -> String {
  "{\"x\":{\"dtype\":\(dtype),\"shape\":\(shape),\"data_offsets\":\(offsets)}}"
}

/// Why bytes are refused, or nil if they are read.
func refusal(_ bytes: [UInt8]) -> MalformedFrame? {
  do throws(MalformedFrame) {
    _ = try Frame(decoding: bytes)
    return nil
  } catch {
    return error
  }
}

/// Distinct values, so that a swap shows.
func tensor(_ shape: [Int], precision: Precision = .fp32, from start: Double = 1) -> Tensor {
  let count = shape.reduce(1, *)
  return Tensor(shape: shape, precision: precision, values: (0..<count).map { start + Double($0) / 8 })
}

/// A case with every optional tensor, Hv = 2 Hk and Dk != Dv.
func problem(_ level: Level = .core, decay: DecayKind = .scalar) throws -> Problem {
  let shape = try Shape(B: 2, T: 3, Hk: 1, Hv: 2, Dk: 3, Dv: 2, decayKind: decay)
  let gates: Gates =
    switch level {
    case .core: .core(g: tensor(shape.gate), beta: tensor(shape.token))
    case .model:
      .model(
        a: tensor(shape.gate), b: tensor(shape.token), A_log: tensor(shape.A_log),
        dt_bias: tensor(shape.dt_bias))
    }
  return try Problem(
    shape: shape,
    primals: Primals(
      q: tensor(shape.key, from: 10), k: tensor(shape.key, from: 20), v: tensor(shape.value, from: 30),
      gates: gates, state: tensor(shape.state, from: 40)),
    mask: Mask(B: 2, T: 3, live: [true, true, false, false, true, true]),
    cotangents: Outputs(y: tensor(shape.value, from: 50), state: tensor(shape.state, from: 60)))
}
