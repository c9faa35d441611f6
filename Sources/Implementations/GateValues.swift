//  The gates and their VJP.
//
//    x = a + dt_bias;  lambda = -exp(A_log) softplus(x);  g = exp(lambda);  beta = sigmoid(b)
//    dlambda = g dg;   da = -dlambda exp(A_log) sigmoid(x);   db = dbeta sigmoid(b) sigmoid(-b)
//    dA_log[h] = sum dlambda lambda;   ddt_bias[h] = sum_{b,t} da
//
//  with a floor, where an implementation has one, under g or under lambda, and a zero gradient below it.

import GatedDeltaRule

/// The gates of one problem in a kernel's arithmetic, and what their gradients are made of.
struct GateValues<R: Real> {
  /// Elements from one token's gate to the next: 1, or Dk padded.
  let stride: Int
  let g: UnsafeMutablePointer<R>  // [B, T, Hv, stride]
  let beta: UnsafeMutablePointer<R>  // [B, T, Hv]
  /// Whether a gradient passes through a floor.
  private let passes: UnsafeMutablePointer<Bool>  // as g
  private let model: ModelGates<R>?

  init(_ problem: Problem, rule: GateRule, arena: Arena) {
    let shape = problem.shape
    let width = shape.decayWidth
    let rows = shape.B * shape.T * shape.Hv
    stride = shape.decay == .scalar ? 1 : lanes(width) * 8
    g = arena.allocate(rows * stride, filledWith: 1)
    passes = arena.allocate(rows * stride, filledWith: false)
    beta = arena.allocate(rows, filledWith: 0)
    switch problem.primals.gates {
    case .core(let decay, let write):
      model = nil
      let (decays, writes): (UnsafePointer<R>, UnsafePointer<R>) = (
        elements(of: decay, arena: arena), elements(of: write, arena: arena)
      )
      problem.forEachLiveRow { row, _ in
        beta[row] = writes[row]
        for channel in 0..<width {
          let i = row * stride + channel
          (g[i], passes[i]) = rule.apply(
            toDecay: decays[row * width + channel], precision: decay.precision)
        }
      }
    case .model(let a, let b, let A_log, let dt_bias):
      let model = ModelGates<R>(a: a, b: b, A_log: A_log, dt_bias: dt_bias, shape: shape, arena: arena)
      self.model = model
      problem.forEachLiveRow { row, h in
        beta[row] = R.sigmoid(model.b[row])
        for channel in 0..<width {
          let lambda = -(model.rates[h] * R.softplus(model.x(row, h, channel)))
          let i = row * stride + channel
          model.lambda[row * width + channel] = lambda
          (g[i], passes[i]) = rule.apply(toLogDecay: lambda, precision: a.precision)
        }
      }
    }
  }
}

/// The gates' inputs at model level, [B, T, Hv] rows by channels.
private struct ModelGates<R: Real> {
  let b: UnsafePointer<R>  // [B, T, Hv]
  /// The logarithm of the decay before a floor.
  let lambda: UnsafeMutablePointer<R>  // [B, T, Hv, width]
  private let a: UnsafePointer<R>  // [B, T, Hv, width]
  private let bias: UnsafePointer<R>  // [Hv, width]
  /// exp(A_log).
  let rates: UnsafeMutablePointer<R>  // [Hv]
  private let width: Int

  init(a: Tensor, b: Tensor, A_log: Tensor, dt_bias: Tensor, shape: Shape, arena: Arena) {
    width = shape.decayWidth
    (self.a, self.b) = (elements(of: a, arena: arena), elements(of: b, arena: arena))
    bias = elements(of: dt_bias, arena: arena)
    lambda = arena.allocate(a.values.count)
    rates = arena.allocate(shape.Hv)
    for h in 0..<shape.Hv { rates[h] = R.exp(R(A_log.values[h])) }
  }

  /// a + dt_bias.
  @inline(__always) func x(_ row: Int, _ h: Int, _ channel: Int) -> R {
    a[row * width + channel] + bias[h * width + channel]
  }
}

extension GateValues {
  /// The gradients of the gates' inputs from those of g and beta.
  func gradients(
    _ problem: Problem, ddecay: UnsafeMutablePointer<R>, dbeta: UnsafeMutablePointer<R>, arena: Arena
  ) -> Gates {
    let shape = problem.shape
    let width = shape.decayWidth
    let tokens = shape.B * shape.T * shape.Hv
    let decays: UnsafeMutablePointer<R> = arena.allocate(tokens * width, filledWith: 0)
    let writes: UnsafeMutablePointer<R> = arena.allocate(tokens, filledWith: 0)
    guard let model else {
      problem.forEachLiveRow { row, _ in
        writes[row] = dbeta[row]
        for channel in 0..<width where passes[row * stride + channel] {
          decays[row * width + channel] = ddecay[row * stride + channel]
        }
      }
      return .core(g: flat(decays, shape: shape.gate), beta: flat(writes, shape: shape.token))
    }
    let dA_log: UnsafeMutablePointer<R> = arena.allocate(shape.Hv, filledWith: 0)
    let ddt_bias: UnsafeMutablePointer<R> = arena.allocate(shape.Hv * width, filledWith: 0)
    problem.forEachLiveRow { row, h in
      writes[row] = dbeta[row] * (beta[row] * R.sigmoid(-model.b[row]))
      for channel in 0..<width where passes[row * stride + channel] {
        let dlambda = g[row * stride + channel] * ddecay[row * stride + channel]
        // Where g is 0 nothing passes, even if the model's exponent overflowed.
        guard dlambda != 0 else { continue }
        let dx = -(dlambda * model.rates[h]) * R.sigmoid(model.x(row, h, channel))
        decays[row * width + channel] = dx
        dA_log[h] += dlambda * model.lambda[row * width + channel]
        ddt_bias[h * width + channel] += dx
      }
    }
    return .model(
      a: flat(decays, shape: shape.gate), b: flat(writes, shape: shape.token),
      A_log: flat(dA_log, shape: shape.A_log), dt_bias: flat(ddt_bias, shape: shape.dt_bias))
  }
}

extension Problem {
  /// Calls `body` with each row of [B, T, Hv] that belongs to a live token, and its head.
  @inline(__always) fileprivate func forEachLiveRow(_ body: (_ row: Int, _ h: Int) -> Void) {
    let heads = shape.Hv
    for token in 0..<shape.B * shape.T where mask?.live[token] ?? true {
      for h in 0..<heads { body(token * heads + h, h) }
    }
  }
}

/// The elements of a tensor, row major.
private func elements<R: Real>(of tensor: Tensor, arena: Arena) -> UnsafePointer<R> {
  let elements: UnsafeMutablePointer<R> = arena.allocate(tensor.values.count)
  tensor.values.withUnsafeBufferPointer { values in
    for i in 0..<values.count { elements[i] = R(values[i]) }
  }
  return UnsafePointer(elements)
}

/// Elements, row major, as a tensor.
private func flat<R: Real>(_ elements: UnsafeMutablePointer<R>, shape: [Int]) -> Tensor {
  let count = shape.reduce(1, *)
  let values = [Double](unsafeUninitializedCapacity: count) { buffer, initialized in
    for i in 0..<count { buffer[i] = elements[i].double }
    initialized = count
  }
  return Tensor(shape: shape, precision: R.precision, values: values)
}
