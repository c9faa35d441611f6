import Foundation
import GatedDeltaRule

/// Decay and write strength as a contract has them, in fp32 with the C library's functions.
struct RuleGates {
  private let problem: Problem
  private let contract: Contract
  private let fault: RuleKernel.Fault?
  var g, beta: [Float]
  /// d log g / d a and d log g / d A_log.
  private var slope, rateSlope: [Float]
  private var writeSlope: [Float]

  init(_ problem: Problem, _ contract: Contract, _ fault: RuleKernel.Fault?) {
    (self.problem, self.contract, self.fault) = (problem, contract, fault)
    let (shape, W) = (problem.shape, problem.shape.decayWidth)
    let tokens = shape.B * shape.T * shape.Hv
    g = [Float](repeating: 1, count: tokens * W)
    (slope, rateSlope) = (g, g)
    beta = [Float](repeating: 0, count: tokens)
    writeSlope = [Float](repeating: 1, count: tokens)
    for token in 0..<tokens where problem.mask?.live[token / shape.Hv] ?? true {
      switch problem.primals.gates {
      case .core(let given, let strength):
        beta[token] = Float(strength.values[token])
        for i in token * W..<(token + 1) * W {
          g[i] = contract.decay == .log ? exp(Float(given.values[i])) : Float(given.values[i])
        }
      case .model(let a, let b, let A_log, let dt_bias):
        let h = token % shape.Hv
        let factor: Float = contract.write == .doubleSigmoid && fault != .singleSigmoid ? 2 : 1
        let logit = Float(b.values[token])
        beta[token] = factor * sigmoid(logit)
        writeSlope[token] = beta[token] * sigmoid(-logit)
        for j in 0..<W {
          let x = Float(a.values[token * W + j]) + Float(dt_bias.values[h * W + j])
          setDecay(token * W + j, x: x, rate: contract.hasRate ? exp(Float(A_log.values[h])) : 1)
        }
      }
    }
  }

  private func sigmoid(_ x: Float) -> Float { x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x)) }

  private mutating func setDecay(_ i: Int, x: Float, rate: Float) {
    let softplus = max(x, 0) + log1p(exp(-x.magnitude))
    var (lambda, byInput, byRate) = (-rate * softplus, -rate * sigmoid(x), -rate * softplus)
    if case .bounded(let least, let hasRate) = contract.gate, fault != .softplusInstead {
      if fault == .clampedSoftplus {
        if lambda < Float(least) { (lambda, byInput, byRate) = (Float(least), 0, 0) }
      } else {
        let rate = fault == .rateIgnored ? 1 : rate
        let z = rate * x
        lambda = Float(least) * sigmoid(z)
        let byArgument = lambda * sigmoid(-z)
        byInput = fault == .slopeWithoutRate ? byArgument : byArgument * rate
        byRate = hasRate ? byArgument * z : 0
      }
    }
    (g[i], slope[i], rateSlope[i]) = (exp(lambda), byInput, byRate)
  }

  /// The gradients of the gates' inputs.
  func gradients(dg: [Float], dbeta: [Float]) -> [Quantity: Tensor] {
    let (shape, W) = (problem.shape, problem.shape.decayWidth)
    func tensor(_ values: [Float], _ dimensions: [Int]) -> Tensor {
      Tensor(shape: dimensions, values: values.map(Double.init))
    }
    guard problem.level == .model else {
      let isByLog = contract.decay == .log && fault != .gradientByFactor
      return [
        .dg: tensor(isByLog ? zip(g, dg).map(*) : dg, shape.gate), .dbeta: tensor(dbeta, shape.token),
      ]
    }
    var da = [Float](repeating: 0, count: dg.count)
    var dA_log = [Float](repeating: 0, count: shape.Hv)
    var ddt_bias = [Float](repeating: 0, count: shape.Hv * W)
    for i in dg.indices {
      let byLog = g[i] * dg[i]
      guard byLog != 0 else { continue }
      da[i] = byLog * slope[i]
      let h = i / W % shape.Hv
      dA_log[h] += byLog * rateSlope[i]
      ddt_bias[h * W + i % W] += da[i]
    }
    var results: [Quantity: Tensor] = [
      .da: tensor(da, shape.gate), .db: tensor(zip(dbeta, writeSlope).map(*), shape.token),
      .ddt_bias: tensor(ddt_bias, shape.dt_bias),
    ]
    if contract.hasRate { results[.dA_log] = tensor(dA_log, shape.A_log) }
    return results
  }
}
