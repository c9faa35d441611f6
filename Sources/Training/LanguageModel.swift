//  One gated-delta layer between an embedding and a readout, as the models have it:
//
//    x = E[token];  q = Dk^-1 rms(W_q x),  k = Dk^-1/2 rms(W_k x),  v = W_v x,  a = W_a x,  b = W_b x
//    y = gated delta rule(q, k, v, a, b, A_log, dt_bias);   h = x + W_o rms(y);   logits = W_r rms(h)
//
//  The layer is run once for y and again for its gradients: gradient checkpointing. Everything but the layer is the
//  same code in every run.

import GatedDeltaRule

import Machine

/// A small language model whose layer somebody else computes.
package struct LanguageModel {
  private let layer: any Implementation
  private let shape: Shape
  private let vocabulary: Int
  private let width = 32
  private let embedding: [Float]  // [vocabulary, width]
  private var q, k, v, a, b, o, readout: Projection
  private let queryNorm, keyNorm, valueNorm, norm: Norm

  /// - Parameter perturbation: what the adapters are off by at the start, relatively.
  package init(
    layer: any Implementation, B: Int, T: Int, vocabulary: Int, seed: UInt64, perturbation: Float = 0
  ) throws {
    (self.layer, self.vocabulary) = (layer, vocabulary)
    shape = try Shape(B: B, T: T, Hk: 2, Hv: 4, Dk: 16, Dv: 8)
    let width = width
    var random = Random(seed: seed)
    embedding = (0..<vocabulary * width).map { _ in random.normal() }
    func projection(_ inputs: Int, _ outputs: Int, rank: Int = 4) -> Projection {
      Projection(inputs: inputs, outputs: outputs, rank: rank, random: &random, perturbation: perturbation)
    }
    (q, k) = (projection(width, 32), projection(width, 32))
    v = projection(width, 32)
    (a, b) = (projection(width, 4), projection(width, 4))
    o = projection(32, width)
    readout = projection(width, vocabulary, rank: 16)
    queryNorm = Norm(width: shape.Dk, scale: 1 / Float(shape.Dk))
    keyNorm = Norm(width: shape.Dk, scale: 1 / Float(shape.Dk).squareRoot())
    valueNorm = Norm(width: shape.Dv, scale: 1)
    norm = Norm(width: width, scale: 1)
  }

  /// One step of training on rows of T + 1 tokens; the loss before it, in nats a token.
  package mutating func step(_ batch: [[Int]], number: Int, rate: Float) throws -> Double {
    let rows = shape.B * shape.T
    let inputs = batch.flatMap { $0.dropLast() }
    let targets = batch.flatMap { $0.dropFirst() }
    let x = inputs.flatMap { embedding[$0 * width..<($0 + 1) * width] }
    let rawQ = q(x, rows: rows), rawK = k(x, rows: rows)
    let primals = primals(
      q: queryNorm(rawQ), k: keyNorm(rawK), v: v(x, rows: rows), a: a(x, rows: rows), b: b(x, rows: rows))
    let y = try run(primals, dy: nil).y
    let normed = valueNorm(y)
    var h = o(normed, rows: rows)
    for i in h.indices { h[i] += x[i] }
    let final = norm(h)
    var logits = readout(final, rows: rows)
    let loss = LanguageModel.crossEntropy(&logits, targets, vocabulary: vocabulary)

    let zeros = [Float](repeating: 0, count: rows * width)
    var dfinal = zeros, dnormed = zeros, dx = zeros
    readout.reverse(final, logits, rows: rows, into: &dfinal)
    o.reverse(normed, norm.reverse(h, dfinal), rows: rows, into: &dnormed)
    let gradients = try run(primals, dy: valueNorm.reverse(y, dnormed)).gradients
    q.reverse(x, queryNorm.reverse(rawQ, gradients.q), rows: rows, into: &dx)
    k.reverse(x, keyNorm.reverse(rawK, gradients.k), rows: rows, into: &dx)
    v.reverse(x, gradients.v, rows: rows, into: &dx)
    a.reverse(x, gradients.a, rows: rows, into: &dx)
    b.reverse(x, gradients.b, rows: rows, into: &dx)
    update(number, rate)
    return loss
  }

  private mutating func update(_ number: Int, _ rate: Float) {
    for path in [\LanguageModel.q, \.k, \.v, \.a, \.b, \.o, \.readout] {
      self[keyPath: path].A.step(number, rate: rate)
      self[keyPath: path].B.step(number, rate: rate)
      self[keyPath: path].merge()
    }
  }

  // MARK: the layer

  private func primals(q: [Float], k: [Float], v: [Float], a: [Float], b: [Float]) -> Primals {
    func tensor(_ shape: [Int], _ values: [Float]) -> Tensor {
      Tensor(shape: shape, values: values.map(Double.init))
    }
    return Primals(
      q: tensor(shape.key, q), k: tensor(shape.key, k), v: tensor(shape.value, v),
      gates: .model(
        a: tensor(shape.gate, a), b: tensor(shape.token, b),
        A_log: Tensor(shape: shape.A_log, values: [-4, -2, -1, 0]), dt_bias: Tensor(shape: shape.dt_bias)),
      state: nil)
  }

  private struct Answer {
    var y: [Float] = []
    var gradients = (q: [Float](), k: [Float](), v: [Float](), a: [Float](), b: [Float]())
  }

  private func run(_ primals: Primals, dy: [Float]?) throws -> Answer {
    let cotangents = Outputs(y: dy.map { Tensor(shape: shape.value, values: $0.map(Double.init)) })
    let problem = try Problem(shape: shape, primals: primals, cotangents: cotangents)
    let found = try layer.evaluate(problem, request: Request(gradients: dy != nil))
    func values(_ quantity: Quantity) -> [Float] { found[quantity]?.values.map { Float($0) } ?? [] }
    return Answer(
      y: values(.y), gradients: (values(.dq), values(.dk), values(.dv), values(.da), values(.db)))
  }

  /// The mean loss; the logits become its gradient.
  private static func crossEntropy(_ logits: inout [Float], _ targets: [Int], vocabulary: Int) -> Double {
    var loss = 0.0
    for (row, target) in targets.enumerated() {
      let range = row * vocabulary..<(row + 1) * vocabulary
      let largest = logits[range].max() ?? 0
      var sum: Float = 0
      for i in range {
        logits[i] = expf(logits[i] - largest)
        sum += logits[i]
      }
      loss -= log(Double(logits[range.lowerBound + target] / sum))
      for i in range { logits[i] /= sum * Float(targets.count) }
      logits[range.lowerBound + target] -= 1 / Float(targets.count)
    }
    return loss / Double(targets.count)
  }
}
