import Foundation
import GatedDeltaRule

/// A plain kernel in fp32 for one contract, as the library of a model would have it, right but for the fault planted in
/// it, if any. It shares nothing with what is built in.
public struct RuleKernel: Implementation {
  /// What kernels of these rules get wrong.
  public enum Fault: String, CaseIterable, Sendable {
    // Of a bounded gate.
    case softplusInstead, clampedSoftplus, rateIgnored, slopeWithoutRate
    // Of beta.
    case singleSigmoid
    // Of the normalisation.
    case normIgnored, keysAlone, epsilonOutside, otherEpsilonBackward, normGradientIgnored
    // Of the scale.
    case scaleIgnored, scaleTwice, scaleGradientIgnored
    // Of a logarithm.
    case gradientByFactor
  }

  /// The rule.
  public let contract: Contract
  let fault: Fault?
  /// What q and k are normalised in.
  let format: Precision

  /// A kernel of this rule.
  public init(_ contract: Contract, _ fault: Fault? = nil, normalisedIn format: Precision = .fp32) {
    (self.contract, self.fault, self.format) = (contract, fault, format)
  }

  /// Its fault.
  public var name: String { fault?.rawValue ?? "right" }
  /// One token after the other, in fp32.
  public var declaration: Declaration { Declaration(offersDouble: false, contract: contract) }

  /// Outputs and gradients.
  public func evaluate(_ problem: Problem, request: Request) -> Evaluation {
    var run = RuleRun(problem, contract, fault, format)
    for b in 0..<problem.shape.B { for h in 0..<problem.shape.Hv { run.head(b, h) } }
    return run.evaluation()
  }
}

/// One evaluation.
struct RuleRun {
  let problem: Problem
  let shape: Shape
  let gates: RuleGates
  let q, k: RuleVectors
  let v, dy: [Float]
  var y, dv, dq, dk: [Float]
  var state, dstate: [Float]
  /// By the factor g, and by beta.
  var dg, dbeta: [Float]

  init(_ problem: Problem, _ contract: Contract, _ fault: RuleKernel.Fault?, _ format: Precision) {
    (self.problem, shape) = (problem, problem.shape)
    gates = RuleGates(problem, contract, fault)
    let scale = contract.scaleFactor(Dk: shape.Dk)
    let live = problem.mask?.live
    q = RuleVectors(
      problem.primals.q, live: live, contract, fault, scale: scale, isKey: false, format: format)
    k = RuleVectors(problem.primals.k, live: live, contract, fault, scale: 1, isKey: true, format: format)
    v = problem.primals.v.values.map(Float.init)
    func zeros(_ dimensions: [Int]) -> [Float] { [Float](repeating: 0, count: dimensions.reduce(1, *)) }
    dy = problem.cotangents.y?.values.map(Float.init) ?? zeros(shape.value)
    (y, dv, dq, dk) = (zeros(shape.value), zeros(shape.value), zeros(shape.key), zeros(shape.key))
    state = problem.primals.state?.values.map(Float.init) ?? zeros(shape.state)
    dstate = problem.cotangents.state?.values.map(Float.init) ?? zeros(shape.state)
    (dg, dbeta) = (zeros(shape.gate), zeros(shape.token))
  }

  /// One value head of one batch row: forward with every state kept, and back.
  mutating func head(_ b: Int, _ h: Int) {
    let (K, V, W) = (shape.Dk, shape.Dv, shape.decayWidth)
    let base = (b * shape.Hv + h) * V * K
    var S = Array(state[base..<base + V * K])
    var history: [(t: Int, before: [Float], error: [Float], after: [Float])] = []
    for t in 0..<shape.T where problem.isLive(b, t) {
      let token = (b * shape.T + t) * shape.Hv + h
      let key = ((b * shape.T + t) * shape.Hk + h / shape.groupSize) * K
      let before = S
      var errors = [Float](repeating: 0, count: V)
      for i in 0..<V {
        var read: Float = 0
        for j in 0..<K {
          S[i * K + j] *= gates.g[token * W + j % W]
          read += S[i * K + j] * k.rows[key + j]
        }
        errors[i] = v[token * V + i] - read
        var out: Float = 0
        for j in 0..<K {
          S[i * K + j] += gates.beta[token] * errors[i] * k.rows[key + j]
          out += S[i * K + j] * q.rows[key + j]
        }
        y[token * V + i] = out
      }
      history.append((t, before, errors, S))
    }
    state.replaceSubrange(base..<base + V * K, with: S)
    var D = Array(dstate[base..<base + V * K])
    for (t, before, errors, after) in history.reversed() {
      let token = (b * shape.T + t) * shape.Hv + h
      let key = ((b * shape.T + t) * shape.Hk + h / shape.groupSize) * K
      let beta = gates.beta[token]
      for i in 0..<V {
        let cotangent = dy[token * V + i]
        var along: Float = 0
        for j in 0..<K {
          dq[key + j] += cotangent * after[i * K + j]
          D[i * K + j] += cotangent * q.rows[key + j]
          along += D[i * K + j] * k.rows[key + j]
        }
        dv[token * V + i] = beta * along
        dbeta[token] += along * errors[i]
        for j in 0..<K {
          let g = gates.g[token * W + j % W]
          dk[key + j] += D[i * K + j] * (beta * errors[i]) - before[i * K + j] * g * (beta * along)
          let through = D[i * K + j] - beta * along * k.rows[key + j]
          dg[token * W + j % W] += through * before[i * K + j]
          D[i * K + j] = through * g
        }
      }
    }
    dstate.replaceSubrange(base..<base + V * K, with: D)
  }

  /// What came of it.
  func evaluation() -> Evaluation {
    func tensor(_ values: [Float], _ dimensions: [Int]) -> Tensor {
      Tensor(shape: dimensions, values: values.map(Double.init))
    }
    var results = gates.gradients(dg: dg, dbeta: dbeta)
    results[.y] = tensor(y, shape.value)
    results[.dv] = tensor(dv, shape.value)
    results[.dq] = tensor(q.pulledBack(dq), shape.key)
    results[.dk] = tensor(k.pulledBack(dk), shape.key)
    let format = problem.contract.state
    results[.stateOut] = tensor(state, shape.state).rounded(to: format == .fp32 ? .fp32 : format)
    results[.dstateIn] = tensor(dstate, shape.state)
    return Evaluation(results: results)
  }
}
