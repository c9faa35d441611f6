import GatedDeltaRule

/// Where the sums over rows of one head and token become gradients: the group's sum of dq and dk, the chain
/// rule through the gates, and the bounds of both.
///
/// With el the bound on the error of dlog g = g dg,
///
///     el     = g AN_dg + (eps_g + 2 u) |g dg|  [+ crossing]
///     AN_da  = |slope| (el + (8 + |x|) u |g dg|)                      slope = dlambda/dx
///     AN_dA_log  = Σ |lambda| el + |g dg| (err lambda + 2 u |lambda|) + n u Σ |lambda g dg|     lambda = dlambda/dA_log
///     AN_ddt = Σ AN_da + n u Σ |da|
///     AN_db  = σ' AN_dβ + |dbeta| (8 u σ' + 2 u beta)                 σ' = sigmoid(b) sigmoid(-b)
///
/// The last term of AN_db is an fp32 1 - beta: db tends to zero where beta rounds to one. Where a gate is declared to be
/// rounded to a format of roundoff p, its gradient may be too, and what that is multiplied by on the way to a and b may
/// be the rounded gate or the one before: p |g dg| more in el, p (|σ' dbeta| + |beta dbeta|) in AN_db. Chunked forms compute
/// dlog g, with an el of their own, and divide by g for dg: AN_dg = el / g + 2 u |dg|.
extension Sweep {
  func finish(_ sums: TokenSums) {
    sumGroup(sums)
    if Mode.measures { accumulateCrossing(sums) }
    writeGradient(sums)
    for j in 0..<width { decayGradient(sums, channel: j) }
  }

  private func sumGroup(_ sums: TokenSums) {
    for j in stride(from: 0, to: K, by: 4) {
      add(sum(scratch.dq, from: j), to: values.dq, from: j)
      add(sum(scratch.dk, from: j), to: values.dk, from: j)
    }
    if Mode.measures { boundGroup(sums) }
  }

  private func boundGroup(_ sums: TokenSums) {
    let heads = groupSize > 1 ? Double(groupSize) : 0
    let shares = splitsKeyGradient ? 2 * Double(groupSize) : heads
    let (lost, ofHead) = (model.underflowOfHead, model.ofHead)
    let (lostOfQuery, lostOfKey) = (heads > 0 ? lost : 0, shares > 0 ? lost * 2 : 0)
    let (ofQuery, ofKey, products) = (sums.bound_dq.sum(), sums.bound_dk.sum(), ofProducts(Double(V)))
    for j in stride(from: 0, to: K, by: 4) {
      let (dq, dk) = (sum(scratch.dq, from: j).magnitude, sum(scratch.dk, from: j))
      let read = splitsKeyGradient ? sum(scratch.read_dk, from: j) : Rows.zero
      let share = splitsKeyGradient ? (dk + read).magnitude + read.magnitude : dk.magnitude
      let boundOfQuery: Rows = sum(scratch.absolute_dq, from: j) * products + ofQuery
      let boundOfKey: Rows = sum(scratch.absolute_dk, from: j) + ofKey
      add(boundOfQuery + dq * (heads * ofHead) + lostOfQuery, to: bounds.dq, from: j)
      add(boundOfKey + share * (shares * ofHead) + lostOfKey, to: bounds.dk, from: j)
      if let partials {
        if let ofQuery = partials.dq { add(dq + boundOfQuery, to: ofQuery.values, from: j) }
        if let ofKey = partials.dk { add(share + boundOfKey, to: ofKey.values, from: j) }
      }
    }
  }

  /// The sums over the lanes for four channels, from `j` on.
  @inline(__always)
  private func sum(_ rows: UnsafeMutablePointer<Rows>, from j: Int) -> Rows {
    Rows(rows[j].sum(), rows[j + 1].sum(), rows[j + 2].sum(), rows[j + 3].sum())
  }

  /// Adds to the gradient of this key or query, as far as there are channels.
  @inline(__always)
  private func add(_ terms: Rows, to gradient: UnsafeMutablePointer<Double>, from j: Int) {
    let channels = gradient + key + j
    guard K < j + 4 else {
      let memory = UnsafeMutableRawPointer(channels)
      return memory.storeBytes(of: memory.loadUnaligned(as: Rows.self) + terms, as: Rows.self)
    }
    for lane in 0..<K - j { channels[lane] += terms[lane] }
  }

  private func accumulateCrossing(_ sums: TokenSums) {
    let decayed: Double
    if Mode.perChannel {
      decayed = (0..<K).reduce(0) { $0 + g[$1] * scratch.absolute_dg[$1].sum() }
    } else {
      decayed = largestDecay * sums.dg_.sum()
    }
    largestOfToken = max(largestOfToken, decayed)
    guard isChunked else { return }
    if pairs == nil { crossing += sums.crossing.sum() }
    largestOfToken = max(largestOfToken, sums.product.sum())
    largestOfToken = max(largestOfToken, keyNorm * max(keyNorm, queryNorm))
  }

  private func writeGradient(_ sums: TokenSums) {
    let dbeta = sums.dbeta.sum()
    let slope = isModel ? gates.writeSlope[token] : 1
    values.write[token] = slope * dbeta
    guard Mode.measures else { return }
    let coarse = model.coarse(model.betaPrecision, dbeta)
    let size = dbeta.magnitude
    largestOfToken = max(largestOfToken, size)
    var bound = slope * (sums.bound_dbeta.sum() + coarse * size)
    if isModel {
      bound += size * (8 * u * slope + (ofRest * u + coarse + model.ofSigmoid) * beta) + ErrorModel.eta
      if slope < ErrorModel.tiny { bound += slope * size }
    }
    bounds.write[token] = bound
    partials?.write?.values[token] = size + sums.bound_dbeta.sum()
  }

  private func decayGradient(_ sums: TokenSums, channel j: Int) {
    let i = token * width + j
    let dg = Mode.perChannel ? scratch.dg[j].sum() : sums.dg.sum()
    let isFrozen = !gates.frozen.isEmpty && gates.frozen[i]
    let g = gates.exactDecay.isEmpty ? gates.g[i] : gates.exactDecay[i]
    values.decay[i] += isFrozen ? 0 : isModel ? g * dg * gates.decaySlope[i] : isByLog ? g * dg : dg
    if isModel && !isFrozen {
      values.dA_log[h] += g * dg * rateSlope(i)
      values.ddt_bias[h * width + j] += g * dg * gates.decaySlope[i]
    }
    guard Mode.measures else { return }
    largestOfToken = max(largestOfToken, dg.magnitude)
    // Near the floor an honest gradient is taken on either side of the jump.
    let isKinked = !errors.kinked.isEmpty && errors.kinked[i]
    guard !isFrozen || isKinked else { return }
    let size = dg.magnitude
    let coarse = model.coarse(model.decayPrecision, dg)
    var bound = coarse * size + (isKinked ? size : 0)
    if Mode.perChannel {
      bound += scratch.bound_dg[j].sum() + scratch.absolute_dg[j].sum() * (Double(V + 1) * u)
    } else {
      bound += sums.bound_dg.sum()
    }
    let factor = errors.decay[i] + 2 * u + model.coarse(model.decayPrecision, g)
    let rounded = g * bound + factor * g * size
    if let pairs { return pairs.wait(ChunkPairs.Pending(size: g * size, bound: rounded, g: g)) }
    if isChunked || isByLog {
      let el = rounded + ErrorModel.eta + crossing + sums.pairs.sum()
      finishDecay(at: i, el: el, size: g * size, g: g)
    } else {
      bounds.decay[i] = bound
    }
  }

  /// From the bound `el` on an error of dlog g, of which `size` is the magnitude, to that of the gradient that is asked
  /// for, at a place in [B, T, Hv, width].
  func finishDecay(at i: Int, el: Double, size: Double, g: Double) {
    if isModel {
      chain(el: el, logGradient: size, at: i)
    } else if isByLog {
      bounds.decay[i] = el + 2 * u * size
    } else {
      bounds.decay[i] = g > 0 ? (el + 2 * u * size) / g : .infinity
    }
  }

  /// dlambda/dA_log; 0 where there is no A_log.
  private func rateSlope(_ i: Int) -> Double {
    guard isBounded else { return gates.logDecay[i] }
    return hasRate ? gates.decaySlope[i] * gates.x[i] : 0
  }

  /// From dlog g to a, A_log and dt_bias, where the decay is bounded.
  private func chainBounded(el: Double, logGradient: Double, at i: Int) {
    let j = i % width
    let (slope, x, rate) = (gates.decaySlope[i].magnitude, gates.x[i].magnitude, gates.rate[h])
    let (lambda, z, product) = (gates.logDecay[i].magnitude, rate * x, rateSlope(i).magnitude)
    var ofSlope = u * ((8 + 6 * z) * slope + 6 * rate * lambda)
    var ofProduct = u * ((10 + 6 * z) * product + 6 * (hasRate ? z : 0) * lambda)
    // e^-87 < tiny: there one of the sigmoids may be flushed.
    if z > 86 || slope < ErrorModel.tiny || rate < ErrorModel.tiny {
      ofSlope += slope
      ofProduct += product
    }
    let da = slope * el + ofSlope * logGradient + 2 * ErrorModel.eta * max(1, rate)
    bounds.decay[i] = da
    bounds.ddt_bias[h * width + j] += da
    bounds.dA_log[h] += product * el + ofProduct * logGradient
    scratch.magnitudeOfA_log[h] += product * logGradient
    scratch.magnitudeOfBias[h * width + j] += slope * logGradient
    largestOfToken = max(largestOfToken, max(max(z, rate), max(slope, product * logGradient)))
  }

  /// From dlog g to a, A_log and dt_bias.
  private func chain(el: Double, logGradient: Double, at i: Int) {
    if isBounded { return chainBounded(el: el, logGradient: logGradient, at: i) }
    let j = i % width
    let (slope, x) = (gates.decaySlope[i].magnitude, gates.x[i])
    let lambda = gates.logDecay[i].magnitude
    var da = slope * (el + (8 + x.magnitude) * u * logGradient) + 2 * ErrorModel.eta
    if gates.rate[h] < ErrorModel.tiny || x < -86 || slope < ErrorModel.tiny { da += slope * logGradient }
    bounds.decay[i] = da
    bounds.ddt_bias[h * width + j] += da
    bounds.dA_log[h] += lambda * el + logGradient * (errors.logDecay[i] + 2 * u * lambda)
    scratch.magnitudeOfA_log[h] += lambda * logGradient
    scratch.magnitudeOfBias[h * width + j] += slope * logGradient
    largestOfToken = max(largestOfToken, max(max(lambda, gates.rate[h]), max(slope, lambda * logGradient)))
  }
}
