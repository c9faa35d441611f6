//  The gates and their VJP.
//
//    x = a + dt_bias;  lambda = -exp(A_log) softplus(x);  g = exp(lambda);  beta = sigmoid(b)
//    dlambda = g dg;   da = -dlambda exp(A_log) sigmoid(x);   db = dbeta sigmoid(b) sigmoid(-b)
//    dA_log[h] = sum dlambda lambda;   ddt_bias[h] = sum_{b,t} da
//
//  and where the contract bounds the decay, with z = exp(A_log) x, or z = x where there is no A_log,
//
//    lambda = L sigmoid(z);   dz = dlambda L sigmoid(z) sigmoid(-z);   da = exp(A_log) dz;   dA_log[h] = sum z dz
//
//  and twice beta and db where it doubles the sigmoid; at core level lambda itself where it gives the logarithm;
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
  /// Whether the gradient at core level is by the logarithm of g.
  private let isByLogarithm: Bool
  /// Whether the gradient that comes from the kernel is.
  private let comesByLogarithm: Bool
  private let model: ModelGates<R>?

  init(_ problem: Problem, rule: GateRule, arena: Arena) {
    let shape = problem.shape
    let width = shape.decayWidth
    let rows = shape.B * shape.T * shape.Hv
    stride = shape.decayKind == .scalar ? 1 : lanes(width) * 8
    g = arena.allocate(rows * stride, filledWith: 1)
    passes = arena.allocate(rows * stride, filledWith: false)
    beta = arena.allocate(rows, filledWith: 0)
    (isByLogarithm, comesByLogarithm) = (problem.givesLogDecay, rule.gradientIsByLog)
    let isLog = isByLogarithm
    let inputs = problem.primals.q.precision
    switch problem.primals.gates {
    case .core(let decay, let write):
      model = nil
      let (decays, writes): (UnsafePointer<R>, UnsafePointer<R>) = (
        elements(of: decay, arena: arena), elements(of: write, arena: arena)
      )
      let format = rule.roundsToInputs ? inputs : decay.precision
      problem.forEachLiveRow { row, _ in
        beta[row] = rule.apply(toWrite: writes[row], inputs: inputs)
        for channel in 0..<width {
          let i = row * stride + channel
          let given = decays[row * width + channel]
          (g[i], passes[i]) =
            isLog
            ? rule.apply(toLogDecay: given, decay: R.exp(given), precision: format)
            : rule.apply(toDecay: given, precision: format)
        }
      }
    case .model(let a, let b, let A_log, let dt_bias):
      let model = ModelGates<R>(a: a, b: b, A_log: A_log, dt_bias: dt_bias, problem, arena: arena)
      self.model = model
      let format = rule.roundsToInputs ? inputs : a.precision
      problem.forEachLiveRow { row, _ in
        beta[row] = rule.apply(toWrite: model.beta[row], inputs: inputs)
        for channel in 0..<width {
          let (i, source) = (row * stride + channel, row * width + channel)
          (g[i], passes[i]) = rule.apply(
            toLogDecay: model.lambda[source], decay: model.decay[source], precision: format)
        }
      }
    }
  }
}

/// The gates at model level before a floor, of masked tokens too: eight at a time, and zeros to fill the last eight.
private struct ModelGates<R: Real> {
  let b: MutableRow<R>  // [B, T, Hv]
  /// sigmoid(b), or twice that.
  let beta: UnsafeMutablePointer<R>  // [B, T, Hv]
  /// a + dt_bias.
  let x: MutableRow<R>  // [B, T, Hv, width]
  /// The logarithm of the decay, and the decay.
  let lambda: UnsafeMutablePointer<R>, decay: UnsafeMutablePointer<R>  // [B, T, Hv, width]
  /// exp(A_log), or 1.
  let rates: UnsafeMutablePointer<R>  // [Hv]
  /// What lambda is at least and exp(A_log) x, where the decay is bounded.
  let bounded: (least: R, z: MutableRow<R>)?  // [B, T, Hv, width]

  init(a: Tensor, b: Tensor, A_log: Tensor, dt_bias: Tensor, _ problem: Problem, arena: Arena) {
    let (shape, hasRate, factor) = (problem.shape, problem.contract.hasRate, R(problem.writeFactor))
    let (tokens, heads, width) = (shape.B * shape.T, shape.Hv, shape.decayWidth)
    let count = tokens * heads * width
    self.b = arena.allocate(lanes(tokens * heads), filledWith: .zero)
    x = arena.allocate(lanes(count), filledWith: .zero)
    rates = arena.allocate(heads)
    for h in 0..<heads { rates[h] = hasRate ? R.exp(R(A_log.values[h])) : 1 }
    load(b, to: self.b.elements())
    let bias: UnsafeMutablePointer<R> = arena.allocate(heads * width)
    load(dt_bias, to: bias)
    let sums: UnsafeMutablePointer<R> = x.elements()
    load(a, to: sums)
    for token in 0..<tokens {
      for i in 0..<heads * width { sums[token * heads * width + i] += bias[i] }
    }
    beta = transformed(self.b, lanes(tokens * heads), arena: arena) { R.sigmoid($0) }
    if factor != 1 { for row in 0..<tokens * heads { beta[row] *= factor } }
    if let least = problem.leastLogDecay {
      let z: MutableRow<R> = arena.allocate(lanes(count), filledWith: .zero)
      let (from, to): (UnsafeMutablePointer<R>, UnsafeMutablePointer<R>) = (x.elements(), z.elements())
      for row in 0..<tokens * heads {
        for i in row * width..<(row + 1) * width { to[i] = rates[row % heads] * from[i] }
      }
      lambda = transformed(z, lanes(count), arena: arena) { R.sigmoid($0) * R(least) }
      bounded = (R(least), z)
    } else {
      lambda = transformed(x, lanes(count), arena: arena) { R.softplus($0) }
      for row in 0..<tokens * heads {
        for i in row * width..<(row + 1) * width { lambda[i] = -(rates[row % heads] * lambda[i]) }
      }
      bounded = nil
    }
    decay = transformed(lambda.lanes, lanes(count), arena: arena) { R.exp($0) }
  }
}

extension ModelGates {
  /// What the gradient by lambda is multiplied by beside constants of the head: sigmoid(x), or sigmoid(z) sigmoid(-z).
  func slopes(_ count: Int, arena: Arena) -> UnsafeMutablePointer<R> {
    guard let bounded else { return transformed(x, count, arena: arena) { R.sigmoid($0) } }
    return transformed(bounded.z, count, arena: arena) { R.sigmoid($0) * R.sigmoid(-$0) }
  }
}

/// A function of so many vectors, as elements.
@inline(__always)
private func transformed<R: Real>(
  _ vectors: MutableRow<R>, _ count: Int, arena: Arena, by function: (Lane<R>) -> Lane<R>
) -> UnsafeMutablePointer<R> {
  let results: MutableRow<R> = arena.allocate(count)
  for i in 0..<count { results[i] = function(vectors[i]) }
  return results.elements()
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
          let i = row * stride + channel
          decays[row * width + channel] = isByLogarithm ? byLogarithm(ddecay, i) : byDecay(ddecay, i)
        }
      }
      return .core(
        g: flat(decays, shape: problem.primals.gates.ofDecay.shape),
        beta: flat(writes, shape: problem.primals.gates.ofWrite.shape))
    }
    let slopes = model.slopes(lanes(tokens * width), arena: arena)
    let hasRate = problem.contract.hasRate
    let rest: UnsafeMutablePointer<R> = transformed(model.b, lanes(tokens), arena: arena) { R.sigmoid(-$0) }
    let dA_log: UnsafeMutablePointer<R> = arena.allocate(shape.Hv, filledWith: 0)
    let ddt_bias: UnsafeMutablePointer<R> = arena.allocate(shape.Hv * width, filledWith: 0)
    problem.forEachLiveRow { row, h in
      writes[row] = dbeta[row] * (beta[row] * rest[row])
      for channel in 0..<width where passes[row * stride + channel] {
        let dlambda = byLogarithm(ddecay, row * stride + channel)
        // Where g is 0 nothing passes, even if the model's exponent overflowed.
        guard dlambda != 0 else { continue }
        let i = row * width + channel
        let dx: R
        if let (least, z) = model.bounded {
          let dz = dlambda * (least * slopes[i])
          dx = dz * model.rates[h]
          if hasRate { dA_log[h] += dz * z.elements()[i] }
        } else {
          dx = -(dlambda * model.rates[h]) * slopes[i]
          dA_log[h] += dlambda * model.lambda[i]
        }
        decays[i] = dx
        ddt_bias[h * width + channel] += dx
      }
    }
    return .model(
      a: flat(decays, shape: problem.primals.gates.ofDecay.shape),
      b: flat(writes, shape: problem.primals.gates.ofWrite.shape),
      A_log: flat(dA_log, shape: shape.A_log), dt_bias: flat(ddt_bias, shape: shape.dt_bias))
  }
}

extension GateValues {
  /// The gradient by log g.
  @inline(__always) private func byLogarithm(_ ddecay: UnsafeMutablePointer<R>, _ i: Int) -> R {
    comesByLogarithm ? ddecay[i] : g[i] * ddecay[i]
  }

  /// The gradient by g.
  @inline(__always) private func byDecay(_ ddecay: UnsafeMutablePointer<R>, _ i: Int) -> R {
    guard comesByLogarithm else { return ddecay[i] }
    return g[i] == 0 ? 0 : ddecay[i] / g[i]
  }
}

extension Gates {
  /// The input with a number for every decay, and that with one for every write strength.
  fileprivate var ofDecay: Tensor {
    switch self {
    case .core(let g, _): g
    case .model(let a, _, _, _): a
    }
  }
  fileprivate var ofWrite: Tensor {
    switch self {
    case .core(_, let beta): beta
    case .model(_, let b, _, _): b
    }
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
  load(tensor, to: elements)
  return UnsafePointer(elements)
}

private func load<R: Real>(_ tensor: Tensor, to elements: UnsafeMutablePointer<R>) {
  tensor.values.withUnsafeBufferPointer { values in
    for i in 0..<values.count { elements[i] = R(values[i]) }
  }
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
