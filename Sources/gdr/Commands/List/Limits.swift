import GatedDeltaRule

/// What an implementation refuses, in its own words: one small problem for everything that a problem may have,
/// and the reasons it gives.
func limits(of implementation: any Implementation) -> [String] {
  var reasons: [String] = []
  for problem in probes {
    if let reason = implementation.refusal(of: problem), !reasons.contains(reason) { reasons.append(reason) }
  }
  return reasons
}

/// A problem that is welcome everywhere, and the same with one thing changed.
private let probes: [Problem] = [
  probe(), probe(T: 0), probe(Hv: 2), probe(Dk: 3), probe(Dv: 3), probe(decay: .perChannel),
  probe(isMasked: true), probe(level: .model),
].compactMap(\.self)

private func probe(
  T: Int = 1, Hv: Int = 1, Dk: Int = 32, Dv: Int = 4, decay: DecayKind = .scalar, isMasked: Bool = false,
  level: Level = .core
) -> Problem? {
  guard let shape = try? Shape(B: 1, T: T, Hk: 1, Hv: Hv, Dk: Dk, Dv: Dv, decayKind: decay) else {
    return nil
  }
  let gates: Gates =
    switch level {
    case .core: .core(g: Tensor(shape: shape.gate), beta: Tensor(shape: shape.token))
    case .model:
      .model(
        a: Tensor(shape: shape.gate), b: Tensor(shape: shape.token), A_log: Tensor(shape: shape.A_log),
        dt_bias: Tensor(shape: shape.dt_bias))
    }
  return try? Problem(
    shape: shape,
    primals: Primals(
      q: Tensor(shape: shape.key), k: Tensor(shape: shape.key), v: Tensor(shape: shape.value), gates: gates,
      state: nil),
    mask: isMasked ? Mask(B: 1, T: T, live: [Bool](repeating: true, count: T)) : nil,
    cotangents: Outputs())
}
