import GatedDeltaRule

extension Problem {
  /// Whether an implementation that rounds like this makes no error at all on this problem: nil if a proof shows it, and
  /// else the first thing that does not fit.
  ///
  /// Every intermediate of the form is formed in whole numbers, forward and back, and held to what may round: operands
  /// and what is stored to their significant bits, every sum to the 24 of fp32 in any order, shares of heads to the
  /// format that they are added in. No rule of an implementation is used, and a problem that is not proved may still be
  /// exact.
  package func obstacle(to arithmetic: ExactArithmetic) -> String? {
    ledger(of: arithmetic).obstacle
  }

  /// What a proof comes across until something does not fit.
  func ledger(of arithmetic: ExactArithmetic) -> ExactnessLedger {
    var ledger = ExactnessLedger(arithmetic)
    let count = shape.key.reduce(1, *)
    let (none, length) = (Shares(count: count), arithmetic.chunk ?? 64)
    var (dq, dk, chunkDq, chunkDk) = (none, none, none, none)
    for b in 0..<shape.B {
      for h in 0..<shape.Hv {
        let head = ExactHead(self, b, h, &ledger)
        guard ledger.isClear else { return ledger }
        func key(_ t: Int) -> Int { ((b * shape.T + t) * shape.Hk + h / shape.groupSize) * shape.Dk }
        var sweep = ExactRecurrence(head, length: length)
        sweep.forward(&ledger)
        guard ledger.isClear else { return ledger }
        sweep.reverse(dq: &dq, dk: &dk, key: key, &ledger)
        guard ledger.isClear else { return ledger }
        guard arithmetic.chunk != nil else { continue }
        for first in stride(from: 0, to: shape.T, by: length) {
          let state = first / length * shape.Dk * shape.Dv..<(first / length + 1) * shape.Dk * shape.Dv
          let chunk = ExactChunk(head, first: first, length: length, state: sweep.states[state], &ledger)
          guard ledger.isClear else { return ledger }
          chunk.checkGradients(
            Array(sweep.cotangents[state]), dq: &chunkDq, dk: &chunkDk, key: key, &ledger)
          guard ledger.isClear else { return ledger }
        }
      }
    }
    for (shares, name) in [(dq, "dq" as StaticString), (dk, "dk"), (chunkDq, "dq"), (chunkDk, "dk")] {
      shares.check(&ledger, name)
    }
    return ledger
  }
}
