// A worker in Swift: main.swift of an executable target that depends on the products GatedDeltaRule and Foreign.
//
//     gdr fuzz --against 'mine=.build/release/worker'
//
// `serve` speaks the protocol: it reads safetensors frames from standard input, asks the implementation, and writes
// its answers, until the input ends. In the same process `expectAgreement(of: Mine())` of the product Oracle does
// without a pipe.
import Foreign
import Foundation
import GatedDeltaRule

struct Mine: Implementation {
  let name = "mine"
  let summary = "one token after the other"
  // The contract says which rule it computes; .plain is the one below. Another is, for example,
  // try! Contract("qk=l2norm:1e-6,scale=rsqrt"), and every case will be one of it.
  let declaration = Declaration(form: .sequential, clamp: .none, offersDouble: false, contract: .plain)

  func refusal(of problem: Problem) -> String? {
    guard let contract = declaration.contract, problem.contract != contract else { return nil }
    return "computes the contract \(contract), the case asks for \(problem.contract)"
  }

  // S~ = S g;  e = v - S~ k;  S = S~ + beta e k^T;  y = S q.  This is the function to replace.
  func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
    let shape = problem.shape
    var rule = Rule(problem)
    for b in 0..<shape.B {
      for h in 0..<shape.Hv {
        let states = rule.forward(b, h)
        if request.gradients { rule.back(b, h, states) }
      }
    }
    var results: [Quantity: Tensor] = [
      .y: tensor(shape.value, rule.y), .stateOut: tensor(shape.state, rule.S),
    ]
    if request.gradients {
      results[.dq] = tensor(shape.key, rule.dq)
      results[.dk] = tensor(shape.key, rule.dk)
      results[.dv] = tensor(shape.value, rule.dv)
      results[.dstateIn] = tensor(shape.state, rule.dS)
      results.merge(rule.gates.back(problem, dg: rule.dg, dbeta: rule.dbeta)) { $1 }
    }
    return Evaluation(results: results)
  }
}

// One problem, token after token and head by head. A masked token leaves S as it was; its y means nothing, and the
// gradients of its inputs are zero.
struct Rule {
  let problem: Problem
  let gates: GateValues
  let q, k, v, dy: [Float]
  var S, y, dS, dq, dk, dv, dg, dbeta: [Float]

  init(_ problem: Problem) {
    (self.problem, gates) = (problem, GateValues(problem))
    let (shape, x) = (problem.shape, problem.primals)
    (q, k, v) = (numbers(x.q), numbers(x.k), numbers(x.v))
    S = numbers(x.state ?? Tensor(shape: shape.state))
    dS = numbers(problem.cotangents.state ?? Tensor(shape: shape.state))
    dy = numbers(problem.cotangents.y ?? Tensor(shape: shape.value))
    (y, dv, dq, dk) = (zeros(v), zeros(v), zeros(q), zeros(k))
    (dg, dbeta) = (zeros(gates.g), zeros(gates.beta))
  }

  // Where the numbers of a token and head begin: beta, those of v, those of k, and the decay of its channel j.
  func places(_ b: Int, _ t: Int, _ h: Int) -> (token: Int, key: Int, decay: (_ j: Int) -> Int) {
    let shape = problem.shape
    let token = (b * shape.T + t) * shape.Hv + h
    let key = ((b * shape.T + t) * shape.Hk + h / shape.groupSize) * shape.Dk
    let (width, isScalar) = (shape.decayWidth, shape.decayKind == .scalar)
    return (token, key, { token * width + (isScalar ? 0 : $0) })
  }

  // The states of a head, before each token.
  mutating func forward(_ b: Int, _ h: Int) -> [[Float]] {
    let (T, Hv, Dk, Dv) = (problem.shape.T, problem.shape.Hv, problem.shape.Dk, problem.shape.Dv)
    let first = (b * Hv + h) * Dv * Dk
    var states: [[Float]] = []
    for t in 0..<T {
      states.append(Array(S[first..<first + Dv * Dk]))
      guard problem.isLive(b, t) else { continue }
      let (token, key, decay) = places(b, t, h)
      for i in 0..<Dv {
        let row = first + i * Dk
        var (e, sum) = (v[token * Dv + i], Float(0))
        for j in 0..<Dk {
          S[row + j] *= gates.g[decay(j)]
          e -= S[row + j] * k[key + j]
        }
        for j in 0..<Dk {
          S[row + j] += gates.beta[token] * e * k[key + j]
          sum += S[row + j] * q[key + j]
        }
        y[token * Dv + i] = sum
      }
    }
    return states
  }

  // The gradients of a head from its last token to its first, dS on the way.
  mutating func back(_ b: Int, _ h: Int, _ states: [[Float]]) {
    let (T, Hv, Dk, Dv) = (problem.shape.T, problem.shape.Hv, problem.shape.Dk, problem.shape.Dv)
    for t in (0..<T).reversed() where problem.isLive(b, t) {
      let (token, key, decay) = places(b, t, h)
      for i in 0..<Dv {
        let (row, before, dyi) = (((b * Hv + h) * Dv + i) * Dk, states[t][(i * Dk)...], dy[token * Dv + i])
        var (e, dd) = (v[token * Dv + i], Float(0))
        for j in 0..<Dk {
          e -= gates.g[decay(j)] * before[i * Dk + j] * k[key + j]
          dS[row + j] += dyi * q[key + j]
          dd += dS[row + j] * k[key + j]
        }
        let (delta, de) = (gates.beta[token] * e, gates.beta[token] * dd)
        dv[token * Dv + i] = de
        dbeta[token] += dd * e
        for j in 0..<Dk {
          let (g, kj, s) = (gates.g[decay(j)], k[key + j], before[i * Dk + j])
          let through = dS[row + j] - de * kj
          dq[key + j] += dyi * (g * s + delta * kj)
          dk[key + j] += delta * dS[row + j] - de * g * s
          dg[decay(j)] += through * s
          dS[row + j] = through * g
        }
      }
    }
  }
}

// g and beta as they are given, or g = exp(-exp(A_log) softplus(a + dt_bias)) and beta = sigmoid(b). What a masked
// token holds goes nowhere.
struct GateValues {
  private(set) var g, beta: [Float]  // [B, T, Hv] or [B, T, Hv, Dk]; [B, T, Hv]

  init(_ problem: Problem) {
    switch problem.primals.gates {
    case .core(let g, let beta): (self.g, self.beta) = (numbers(g), numbers(beta))
    case .model(let a, let b, let A_log, let dt_bias):
      let (Hv, width) = (problem.shape.Hv, problem.shape.decayWidth)
      (g, beta) = (numbers(a), numbers(b).map(sigmoid))
      for i in g.indices where problem.isLive(i / (Hv * width)) {
        let z = g[i] + Float(dt_bias.values[i % (Hv * width)])
        g[i] = exp(-exp(Float(A_log.values[i / width % Hv])) * softplus(z))
      }
    }
  }

  // The gradients of what they are made of. Sums over B and T are long, and formed in fp64.
  func back(_ problem: Problem, dg: [Float], dbeta: [Float]) -> [Quantity: Tensor] {
    let shape = problem.shape
    guard case .model(let a, let b, let A_log, let dt_bias) = problem.primals.gates else {
      return [.dg: tensor(shape.gate, dg), .dbeta: tensor(shape.token, dbeta)]
    }
    let (Hv, width) = (shape.Hv, shape.decayWidth)
    var (da, db) = (zeros(dg), zeros(dbeta))
    var (dA_log, ddt_bias) = (Tensor(shape: shape.A_log), Tensor(shape: shape.dt_bias))
    for i in dg.indices where problem.isLive(i / (Hv * width)) {
      let dlog_g = dg[i] * g[i]
      // Where all is forgotten nothing passes, even if exp(A_log) is infinite.
      guard dlog_g != 0 else { continue }
      let (head, channel) = (i / width % Hv, i % (Hv * width))
      let (rate, z) = (exp(Float(A_log.values[head])), Float(a.values[i]) + Float(dt_bias.values[channel]))
      da[i] = -dlog_g * (rate * sigmoid(z))
      dA_log.values[head] += Double(dlog_g * -(rate * softplus(z)))
      ddt_bias.values[channel] += Double(da[i])
    }
    for i in dbeta.indices where problem.isLive(i / Hv) {
      db[i] = dbeta[i] * (beta[i] * sigmoid(-Float(b.values[i])))
    }
    return [
      .da: tensor(shape.gate, da), .db: tensor(shape.token, db),
      .dA_log: dA_log.rounded(to: .fp32), .ddt_bias: ddt_bias.rounded(to: .fp32),
    ]
  }
}

extension Problem {
  // Whether a token of all rows is not masked.
  func isLive(_ token: Int) -> Bool { isLive(token / shape.T, token % shape.T) }
}

func sigmoid(_ z: Float) -> Float {
  let e = exp(-abs(z))
  return (z >= 0 ? 1 : e) / (1 + e)
}

func softplus(_ z: Float) -> Float { max(z, 0) + log1p(exp(-abs(z))) }

func numbers(_ tensor: Tensor) -> [Float] { tensor.values.map { Float($0) } }

func zeros(_ like: [Float]) -> [Float] { [Float](repeating: 0, count: like.count) }

func tensor(_ shape: [Int], _ numbers: [Float]) -> Tensor {
  Tensor(shape: shape, values: numbers.map { Double($0) })
}

try serve(Mine())
