import GatedDeltaRule

/// The token under work: its vectors, its gates and what they are off by.
extension Sweep {
  /// Finds the vectors of token `t` for this head.
  func load(token t: Int) {
    self.t = t
    let row = b * shape.T + t
    token = row * shape.Hv + h
    key = (row * shape.Hk + h / groupSize) * K
    (k, q) = (inputs.k.baseAddress! + key, inputs.q.baseAddress! + key)
    beta = gates.beta[token]
    let gate = token * width
    if Mode.perChannel {
      g = UnsafePointer(gates.g.baseAddress! + gate)
    } else {
      scratch.g.update(repeating: gates.g[gate], count: K)
    }
    if Mode.measures { measureToken(gate: gate) }
  }

  /// Brings what the token holds for each row into blocks; the lanes past Dv stay zero.
  func load(_ values: SweepInputs.Numbers, into rows: UnsafeMutablePointer<Rows>) {
    let (ofToken, whole) = (values.baseAddress! + token * V, V / 4)
    for n in 0..<whole { rows[n] = UnsafeRawPointer(ofToken + n * 4).loadUnaligned(as: Rows.self) }
    for lane in 0..<V - whole * 4 { rows[whole][lane] = ofToken[whole * 4 + lane] }
  }

  private func measureToken(gate: Int) {
    var (kk, qq) = (0.0, 0.0)
    let (k, q) = (k, q)
    for j in 0..<K {
      kk += k[j] * k[j]
      qq += q[j] * q[j]
    }
    (keyNorm, queryNorm) = (kk.squareRoot(), qq.squareRoot())
    write = errors.write[token]
    (largestDecay, decayError) = (gates.g[gate], errors.decay[gate])
    growth = largestDecay * (1 + decayError)
    if Mode.perChannel {
      epsilon = UnsafePointer(errors.decay.baseAddress! + gate)
      for j in 0..<K {
        largestDecay = max(largestDecay, g[j])
        growth = max(growth, g[j] * (1 + epsilon[j]))
      }
    }
    if isChunked {
      decayLog = decayTimesLog()
      let (length, place) = (model.chunk ?? 1, t % (model.chunk ?? 1))
      reads = min(Double(place + 1), chunkLength)
      rest = min(Double(length) - Double(place), chunkLength)
    }
    // The 2-norm of I - beta k k^T as an implementation has it: its beta is off by eps_beta.
    rho = max(1, (1 - beta * kk).magnitude + write * beta.magnitude * kk)
    if let layer { measure(layer, kk) }
  }

  /// What key and query are off by where they are not as they are given; what is left of one may have been flushed.
  private func measure(_ layer: QueryKeyLayer, _ kk: Double) {
    let flushed = Double(K).squareRoot() * model.underflowOfQueryKey
    ofKey = layer.errorOfKey(model) * keyNorm + (keyNorm > 0 ? min(flushed, keyNorm) : 0)
    ofQuery = layer.errorOfQuery(model) * queryNorm + (queryNorm > 0 ? min(flushed, queryNorm) : 0)
    rho = max(1, rho + beta.magnitude * (2 * keyNorm + ofKey) * ofKey)
    keyNorm += ofKey
    queryNorm += ofQuery
  }
}
