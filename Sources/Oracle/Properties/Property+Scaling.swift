import GatedDeltaRule

extension Property {
  /// The rule is linear in (v, S0), in q and in the cotangents: v and S0 times 2^7, q times 2^-3, dS_T times 2^-5, dy
  /// times 2^-2 give y times 2^4, S_T times 2^7, a loss of 2^2 times as much, and so dv and dS0 times 2^-5, dq times
  /// 2^5, the other gradients times 2^2. Where q is normalised it stays as it is, y becomes 2^7 times as large and dy 2^-5
  /// times. Up to: nothing if scaling is promised.
  ///
  /// Only where nothing is near the ends of fp32: a number that underflows loses digits in one run only.
  static let powersOfTwo = Property("powers-of-two", .cheap) { runs, tally in
    let exactly = runs.exactness.contains(.scaling)
    var other = Draft(runs.problem)
    let q = runs.problem.contract.queryKey == .given ? 0x1p-3 : 1
    for (input, factor) in [
      (Input.v, 0x1p7), (.stateIn, 0x1p7), (.q, q), (.dstateOut, 0x1p-5), (.dy, 0x1p-5 / q),
    ] {
      try requireOrdinary(runs.liveOnly(input), in: 0x1p-40...0x1p40, input.rawValue)
      other[input] = other[input]?.multiplied(by: factor)
      try requireExact(runs.liveOnly(input, factor), input.rawValue)
    }
    try requireOrdinary(runs.liveOnly(.k), in: 0x1p-40...0x1p40, "k")
    let base = try runs.base(bounded: !exactly)
    let found = try runs.run(other, bounded: !exactly)
    for quantity in Quantity.allCases {
      try requireOrdinary(base[quantity], in: 0x1p-100...0x1p100, quantity.rawValue)
      try requireOrdinary(found[quantity], in: 0x1p-100...0x1p100, quantity.rawValue)
    }
    // What a final state is rounded to has subnormals, and an end, of its own.
    if runs.problem.contract.state == .fp16 {
      try requireOrdinary(base[.stateOut], in: 0x1p-14...0x1p8, "the final state")
      try requireOrdinary(found[.stateOut], in: 0x1p-14...0x1p16, "the final state")
    }
    // Chunked forms divide dlog g by g.
    if case .core(let g, _) = runs.problem.primals.gates, runs.problem.contract.decay == .linear,
      let dg = base[.dg]
    {
      try requireOrdinary(
        runs.problem.liveOnly(dg).multiplied(by: g), in: 0x1p-100...0x1p100, "dlog g")
    }
    let expected = base.scaled([.y], by: 0x1p7 * q).scaled([.stateOut], by: 0x1p7)
      .scaled([.dv, .dstateIn], by: 0x1p-5).scaled([.dq], by: 0x1p2 / q)
      .scaled([.dk, .dg, .dbeta, .da, .db, .dA_log, .ddt_bias], by: 0x1p2)
    tally.compare(found, with: expected, Quantity.allCases, exactly: exactly, in: runs.problem)
  }

  /// Everything that is a number other than zero has a magnitude in the range; the rest fails elsewhere.
  static func requireOrdinary(_ tensor: Tensor?, in range: ClosedRange<Double>, _ name: String) throws {
    let isOrdinary = tensor?.values.allSatisfy {
      $0 == 0 || !$0.isFinite || range.contains($0.magnitude)
    }
    if isOrdinary == false { throw Inapplicable("\(name) is near the end of its range") }
  }

  /// Every finite value is one of the tensor's format.
  static func requireExact(_ tensor: Tensor?, _ name: String) throws {
    let isExact = tensor?.values.allSatisfy { !$0.isFinite || tensor!.precision.round($0) == $0 }
    if isExact == false { throw Inapplicable("the scaled \(name) is not exact") }
  }
}
