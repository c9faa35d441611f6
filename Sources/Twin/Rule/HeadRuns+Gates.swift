import GatedDeltaRule

extension HeadRuns {
  /// Whether the tape has the decay of this token as a factor, and not by its logarithm.
  func takesFactor(_ b: Int, _ t: Int, _ h: Int) -> Bool { !isChunked || isCut(b, t, h) }

  /// From the gradients by log g or g and by beta, those by the problem's gates.
  func finishGates() {
    let (shape, W) = (problem.shape, problem.shape.decayWidth)
    let dg = sums[.dg]
    let isModel = problem.level == .model
    for token in 0..<shape.B * shape.T * shape.Hv {
      let (b, t, h) = (token / shape.Hv / shape.T, token / shape.Hv % shape.T, token % shape.Hv)
      let isFactor = takesFactor(b, t, h)
      for i in token * W..<(token + 1) * W {
        if gates.isHeld[i] {
          dg[i] = 0
        } else if isModel {
          if isFactor { dg[i] *= Number(gates.factor[i]) }
        } else if !isFactor {
          dg[i] /= Number(gates.factor[i])
        }
      }
    }
    sums.scatter(.dg, to: .fp32)
    if isModel { finishModelGates() }
  }

  /// By a, b, A_log and dt_bias.
  private func finishModelGates() {
    let (shape, W) = (problem.shape, problem.shape.decayWidth)
    let (dg, dbeta, da, db) = (sums[.dg], sums[.dbeta], sums[.da], sums[.db])
    for token in 0..<shape.B * shape.T * shape.Hv {
      db[token] = dbeta[token] * Number(gates.writeSlope[token])
      for i in token * W..<(token + 1) * W { da[i] = dg[i] * Number(gates.slope[i]) }
    }
    sums.scatter(.da, to: .fp32)
    sums.scatter(.db, to: .fp32)
    for token in 0..<shape.B * shape.T * shape.Hv {
      let h = token % shape.Hv
      for c in 0..<W {
        let i = token * W + c
        sums[.dA_log][h] += dg[i] * Number(exactGates.logarithm[i])
        sums[.ddt_bias][h * W + c] += da[i]
      }
    }
  }
}
