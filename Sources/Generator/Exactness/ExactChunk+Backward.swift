/// The gradients of a chunk on the grid, given the cotangent D of the state after it, [Dk, Dv]:
///
///     dU = P^T dY + eta D k       Z = (I - A)^-T dU       dv = beta Z
///     dA = strict(Z U^T)          E = -beta dA o Gamma    F = lower(dY U^T) o Gamma
///     dq = F K + gamma S dY       dk = -beta gamma S Z + (E + E^T) K + F^T Q + eta D U
///
/// and where the inverse is explicit, dA = T^T strict(dU (beta v)^T + dW (beta gamma k)^T) T^T with dW = -dU S^T.
extension ExactChunk {
  /// - Parameter key: where the first channel of the key of a token is in q and k.
  func checkGradients(
    _ D: [Int32], dq: inout Shares, dk: inout Shares, key place: (_ t: Int) -> Int,
    _ ledger: inout ExactnessLedger
  ) {
    for x in D { ledger.operand(Int(x), "dS") }
    let dU = updateCotangents(D, &ledger)
    guard ledger.isClear else { return }
    let Z = system.solve(dU, width: head.Dv, transposed: true, &ledger, "Z")
    guard ledger.isClear else { return }
    checkInverse(dU, &ledger)
    guard ledger.isClear else { return }
    var total = ChunkTotals(n: n, Dk: head.Dk)
    for i in 0..<n {
      addPairs(i, Z, &total, &ledger)
      guard ledger.isClear else { return }
    }
    for i in 0..<n {
      addShares(i, Z, D, total, dq: &dq, dk: &dk, at: place(first + i), &ledger)
      addGates(i, Z, D, &total, &ledger)
      guard ledger.isClear else { return }
    }
    checkState(Z, D, &ledger)
    for c in 0..<head.Dk {
      let terms = Terms(S, c * head.Dv, D, c * head.Dv, count: head.Dv)
      if terms.bits & ((1 << (Grid.bits + whole(c))) - 1) != 0 { ledger.fail("<S, dS>") }
      total.decay += terms.magnitude >> Grid.bits
    }
    // By rows and columns every term of a pair is added and taken away again.
    ledger.sum(2 * total.decay, "dg")
  }

  private func updateCotangents(_ D: [Int32], _ ledger: inout ExactnessLedger) -> [Int32] {
    let Dv = head.Dv
    var dU = [Int32](repeating: 0, count: n * Dv)
    var (all, passed) = (RowSum(width: Dv), [Int32](repeating: 0, count: Dv))
    for i in 0..<n where key(i).channel >= 0 {
      let (c, sign) = key(i)
      for m in 0..<Dv {
        passed[m] = Int32(sign * ledger.halved(Int(D[c * Dv + m]), toEnd(i, c), "eta dS k"))
      }
      all.reset()
      all.add(Grid.one, passed, at: 0)
      for t in i..<n { all.add(P[t * n + i], head.dy, at: row(t)) }
      all.settle(into: &dU, at: i * Dv, bits: ledger.arithmetic.operandBits, &ledger, "dU")
      for m in 0..<Dv { ledger.operand(Int(dU[i * Dv + m] - passed[m]), "P^T dY") }
    }
    return dU
  }

  /// T^T strict(dU R^T) T^T, R = beta (v - gamma S k), product by product.
  private func checkInverse(_ dU: [Int32], _ ledger: inout ExactnessLedger) {
    let Dv = head.Dv
    var M = [Int](repeating: 0, count: n * n)
    for i in 0..<n where dU.isSet(i * Dv, count: Dv) {
      for j in 0..<i {
        M[i * n + j] = ledger.sum(Terms(dU, i * Dv, right, j * Dv, count: Dv), "dU R^T")
        ledger.operand(M[i * n + j], "dU R^T")
      }
    }
    for channel in system.channels where channel.tokens.count > 1 {
      let (tokens, T) = (channel.tokens, channel.inverse)
      for p in tokens.indices {
        for j in 0..<n {
          var terms = Terms()
          for r in p..<tokens.count { terms.add(T[r * tokens.count + p] * M[tokens[r] * n + j]) }
          ledger.operand(ledger.sum(terms, "T^T dU R^T"), "T^T dU R^T")
        }
      }
    }
  }

  /// dA and dP of token i and those before it, and what they add to dq, dk, dbeta and dg.
  private func addPairs(
    _ i: Int, _ Z: [Int32], _ total: inout ChunkTotals, _ ledger: inout ExactnessLedger
  ) {
    let (Dv, Dk) = (head.Dv, head.Dk)
    let (isWritten, isRead) = (Z.isSet(i * Dv, count: Dv), head.dy.isSet(row(i), count: Dv))
    guard isWritten || isRead else { return }
    let (c, sign) = key(i)
    for j in 0...i where U.isSet(j * Dv, count: Dv) {
      let other = key(j)
      if isWritten, j < i {
        let dA = ledger.sum(Terms(Z, i * Dv, U, j * Dv, count: Dv), "dA")
        ledger.operand(dA, "dA")
        if other.channel >= 0 {
          let E = decayed(-ledger.written(dA, beta: beta(i), "E"), i, j, other.channel, &ledger, "E")
          total.write.add(other.sign * E, at: i * Dk + other.channel)
        }
        if c >= 0 {
          let E = decayed(-ledger.written(dA, beta: beta(i), "E"), i, j, c, &ledger, "E")
          total.write.add(sign * E, at: j * Dk + c)
          if other.channel == c {
            total.decay += abs(E)
            total.beta[i] += abs(decayed(dA, i, j, c, &ledger, "dbeta"))
          }
        }
      }
      guard isRead else { continue }
      let dP = ledger.sum(Terms(head.dy, row(i), U, j * Dv, count: Dv), "dP")
      ledger.operand(dP, "dP")
      if other.channel >= 0 {
        let F = decayed(dP, i, j, other.channel, &ledger, "F")
        total.query.add(other.sign * F, at: i * Dk + other.channel)
      }
      if query(i).channel >= 0 {
        let F = decayed(dP, i, j, query(i).channel, &ledger, "F")
        total.scores.add(query(i).factor * F, at: j * Dk + query(i).channel)
        if other.channel == query(i).channel { total.decay += abs(query(i).factor * F) }
      }
    }
  }

  /// Times Gamma_ij of a channel.
  private func decayed(
    _ x: Int, _ i: Int, _ j: Int, _ c: Int, _ ledger: inout ExactnessLedger, _ name: StaticString
  ) -> Int {
    x == 0 ? 0 : ledger.halved(x, fromStart(i, c) - fromStart(j, c), name)
  }

  /// The parts of dq and dk of token i.
  private func addShares(
    _ i: Int, _ Z: [Int32], _ D: [Int32], _ total: ChunkTotals, dq: inout Shares, dk: inout Shares,
    at place: Int, _ ledger: inout ExactnessLedger
  ) {
    let (Dv, Dk) = (head.Dv, head.Dk)
    let read = head.products(S, head.dy, at: row(i), &ledger, "S dY")
    let erased = head.products(S, Z, at: i * Dv, &ledger, "S Z")
    let written = head.products(D, U, at: i * Dv, &ledger, "dS U")
    for c in 0..<Dk {
      let fromState = ledger.halved(read[c], fromStart(i, c), "gamma S dY")
      ledger.operand(read[c], "S dY")
      ledger.operand(erased[c], "S Z")
      let erasing = -ledger.written(
        ledger.halved(erased[c], fromStart(i, c), "gamma S Z"), beta: beta(i), "beta gamma S Z")
      let toState = ledger.halved(written[c], toEnd(i, c), "eta dS U")
      ledger.operand(written[c], "dS U")
      let at = i * Dk + c
      total.query.check(at, &ledger, "F K")
      total.write.check(at, &ledger, "(E + E^T) K")
      total.scores.check(at, &ledger, "F^T Q")
      for part in [fromState, total.query.sums[at]] { dq.add(part, at: place + c) }
      for part in [erasing, toState, total.write.sums[at], total.scores.sums[at]] {
        dk.add(part, at: place + c)
      }
    }
  }

  /// The terms of dbeta and dg of token i that are not of pairs.
  private func addGates(
    _ i: Int, _ Z: [Int32], _ D: [Int32], _ total: inout ChunkTotals, _ ledger: inout ExactnessLedger
  ) {
    let Dv = head.Dv
    for m in 0..<Dv where Z[i * Dv + m] != 0 {
      ledger.stored(ledger.written(Int(Z[i * Dv + m]), beta: beta(i), "dv"), "dv")
    }
    let ofValue = Terms(Z, i * Dv, head.v, row(i), count: Dv)
    _ = ledger.sum(ofValue, "dbeta")
    total.beta[i] += ofValue.magnitude >> Grid.bits
    let (c, _) = key(i)
    if c >= 0 {
      let ofState = Terms(Z, i * Dv, S, c * Dv, count: Dv)
      if ofState.bits & ((1 << (Grid.bits + fromStart(i, c))) - 1) != 0 { ledger.fail("<Z, gamma S k>") }
      total.beta[i] += ofState.magnitude >> Grid.bits
      total.decay += ofState.magnitude >> Grid.bits
      let ofEnd = Terms(U, i * Dv, D, c * Dv, count: Dv)
      if ofEnd.bits & ((1 << (Grid.bits + toEnd(i, c))) - 1) != 0 { ledger.fail("<U, eta dS k>") }
      total.decay += ofEnd.magnitude >> Grid.bits
    }
    ledger.sum(total.beta[i], "dbeta")
    let (r, factor) = query(i)
    if r >= 0 {
      let ofRead = Terms(head.dy, row(i), S, r * Dv, count: Dv)
      if ofRead.bits & ((1 << (Grid.bits + fromStart(i, r))) - 1) != 0 { ledger.fail("<dY, gamma S q>") }
      total.decay += abs(factor) * (ofRead.magnitude >> Grid.bits)
    }
  }

  /// dS = gamma_C D + (gamma Q)^T dY - (beta gamma K)^T Z.
  private func checkState(_ Z: [Int32], _ D: [Int32], _ ledger: inout ExactnessLedger) {
    let (Dv, Dk) = (head.Dv, head.Dk)
    var magnitudes = D.map { abs(Int($0)) }
    for i in 0..<n {
      let ((c, _), (r, factor)) = (key(i), query(i))
      for m in 0..<Dv {
        if r >= 0 {
          let dy = ledger.halved(Int(head.dy[row(i) + m]), fromStart(i, r), "gamma dY")
          magnitudes[r * Dv + m] += abs(factor * dy)
        }
        if c >= 0 {
          let z = ledger.halved(Int(Z[i * Dv + m]), fromStart(i, c), "gamma Z")
          magnitudes[c * Dv + m] += abs(ledger.written(z, beta: beta(i), "beta gamma Z"))
        }
      }
    }
    for index in 0..<Dk * Dv { ledger.sum(magnitudes[index], "dS") }
  }
}

/// What pairs of tokens add up to in a chunk.
struct ChunkTotals {
  /// F K, (E + E^T) K and F^T Q, [n, Dk].
  var query, write, scores: Parts
  /// Magnitudes of the terms of dbeta of each token, and of dg in the whole chunk.
  var beta: [Int]
  var decay = 0

  init(n: Int, Dk: Int) {
    (query, write, scores) = (Parts(n * Dk), Parts(n * Dk), Parts(n * Dk))
    beta = [Int](repeating: 0, count: n)
  }

  struct Parts {
    private(set) var sums: [Int]
    private var magnitudes: [Int]

    init(_ count: Int) {
      sums = [Int](repeating: 0, count: count)
      magnitudes = sums
    }

    @inline(__always)
    mutating func add(_ term: Int, at index: Int) {
      sums[index] += term
      magnitudes[index] += abs(term)
    }

    func check(_ index: Int, _ ledger: inout ExactnessLedger, _ name: StaticString) {
      ledger.sum(magnitudes[index], name)
      ledger.operand(sums[index], name)
    }
  }
}
