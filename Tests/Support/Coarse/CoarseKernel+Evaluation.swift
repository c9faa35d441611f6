import GatedDeltaRule

extension CoarseKernel {
  package func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
    guard case .core(let g, let beta) = problem.primals.gates else { throw Refusal("core level") }
    let shape = problem.shape
    let (T, Hk, Hv, Dk, Dv) = (shape.T, shape.Hk, shape.Hv, shape.Dk, shape.Dv)
    let inputs = problem.primals.q.precision
    func zeros(_ dimensions: [Int], _ precision: Precision) -> Tensor {
      Tensor(shape: dimensions, precision: precision)
    }
    var (y, state) = (zeros(shape.value, inputs), zeros(shape.state, .fp32))
    var (dq, dk) = (zeros(shape.key, inputs), zeros(shape.key, inputs))
    var (dv, dg) = (zeros(shape.value, inputs), zeros(shape.gate, .fp32))
    var (dbeta, dstate) = (zeros(shape.token, inputs), zeros(shape.state, .fp32))
    for b in 0..<shape.B {
      for h in 0..<Hv {
        func rows(_ tensor: Tensor?, _ tokens: Range<Int>, heads: Int, head: Int, width: Int) -> CoarseMatrix
        {
          CoarseMatrix(tokens.count, width) { i, c in
            let t = tokens.lowerBound + i
            guard problem.isLive(b, t), let tensor else { return 0 }
            return Float(tensor.values[((b * T + t) * heads + head) * width + c])
          }
        }
        func states(_ tensor: Tensor?) -> CoarseMatrix {
          CoarseMatrix(Dk, Dv) { c, m in
            tensor.map { Float($0.values[((b * Hv + h) * Dv + m) * Dk + c]) } ?? 0
          }
        }
        func factor(_ quantity: Quantity, _ token: Int? = nil) -> Double {
          fault?.factor(quantity, head: h, token: token) ?? 1
        }
        func put(_ matrix: CoarseMatrix, _ quantity: Quantity, into tensor: inout Tensor) {
          for c in 0..<Dk {
            for m in 0..<Dv {
              tensor.values[((b * Hv + h) * Dv + m) * Dk + c] =
                Precision.fp32.round(Double(matrix[c, m]) * factor(quantity))
            }
          }
        }
        var S = states(problem.primals.state)
        var chunks: [(tokens: Range<Int>, chunk: CoarseChunk)] = []
        for first in stride(from: 0, to: T, by: length) {
          let tokens = first..<min(first + length, T)
          let head = h / shape.groupSize
          func gate(_ tensor: Tensor, masked: Float) -> [Float] {
            tokens.map { problem.isLive(b, $0) ? Float(tensor.values[(b * T + $0) * Hv + h]) : masked }
          }
          let chunk = CoarseChunk(
            self, q: rows(problem.primals.q, tokens, heads: Hk, head: head, width: Dk),
            k: rows(problem.primals.k, tokens, heads: Hk, head: head, width: Dk),
            v: rows(problem.primals.v, tokens, heads: Hv, head: h, width: Dv),
            dY: rows(problem.cotangents.y, tokens, heads: Hv, head: h, width: Dv),
            g: gate(g, masked: 1), beta: gate(beta, masked: 0), S: S)
          let outputs = chunk.outputs
          for (i, t) in tokens.enumerated() {
            for m in 0..<Dv {
              y.values[((b * T + t) * Hv + h) * Dv + m] = inputs.round(Double(outputs[i, m]) * factor(.y, t))
            }
          }
          S = chunk.next
          chunks.append((tokens, chunk))
        }
        put(S, .stateOut, into: &state)
        var D = states(problem.cotangents.state)
        for (tokens, chunk) in chunks.reversed() {
          let found = chunk.gradients(D)
          for (i, t) in tokens.enumerated() where problem.isLive(b, t) {
            let (row, key) = ((b * T + t) * Hv + h, ((b * T + t) * Hk + h / shape.groupSize) * Dk)
            dg.values[row] = Precision.fp32.round(Double(found.dg[i]) * factor(.dg, t))
            dbeta.values[row] = inputs.round(Double(found.dbeta[i]) * factor(.dbeta, t))
            for m in 0..<Dv {
              dv.values[row * Dv + m] = inputs.round(Double(found.dv[i, m]) * factor(.dv, t))
            }
            for c in 0..<Dk {
              // A share is rounded, and so is the sum.
              add(found.dq[i, c], times: factor(.dq, t), to: &dq.values[key + c])
              add(found.dkOfRead[i, c], times: factor(.dk, t), to: &dk.values[key + c])
              add(found.dkOfWrite[i, c], times: factor(.dk, t), to: &dk.values[key + c])
            }
          }
          D = found.dS
        }
        put(D, .dstateIn, into: &dstate)
      }
    }
    return Evaluation(
      outputs: Outputs(y: y, state: state),
      gradients: Primals(q: dq, k: dk, v: dv, gates: .core(g: dg, beta: dbeta), state: dstate))
  }

  private func add(_ share: Float, times factor: Double, to sum: inout Double) {
    sum = products.stored.round(sum + products.stored.round(Double(share) * factor))
  }
}
