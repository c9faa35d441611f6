import GatedDeltaRule

extension Rendering {
  /// g and beta, or the model's parameters that lead to them.
  func gates() -> Gates {
    let strength = writeStrength()
    switch recipe.level {
    case .core: return .core(g: decayFactors(), beta: strength)
    case .model:
      let (A_log, dt_bias) = (rateLogarithms(), gateBiases())
      let a = decay(recipe.precision) { slot in
        DecayConverter(
          A_log: A_log.values[slot / shape.decayWidth], dt_bias: dt_bias.values[slot], decay: recipe.decay,
          gate: recipe.contract.gate, precision: recipe.precision)
      }
      return .model(a: a, b: strength, A_log: A_log, dt_bias: dt_bias)
    }
  }

  /// g, or its logarithm, [B, T, Hv] or [B, T, Hv, Dk]. It is fp32 whatever the inputs are in: a layer makes it inside.
  private func decayFactors() -> Tensor {
    if recipe.contract.decay == .log { return decay(.fp32) { _ in DecayConverter(.logarithm) } }
    if case .halves(let chance) = recipe.decay {
      // 1/2 itself: an exponential of its logarithm is not.
      let width = shape.decayWidth
      return tokens("decay", shape.gate, .fp32) { values, _, _, place in
        for slot in 0..<shape.Hv * width {
          values[slot] = place.at(slot / width).at(slot % width).uniform < chance ? 0.5 : 1
        }
      }
    }
    guard case .clamp(let neighbours) = recipe.decay else {
      return decay(.fp32) { _ in DecayConverter(.factor) }
    }
    // The neighbours themselves: an exponential of a logarithm may miss them.
    return tokens("decay", shape.gate, .fp32) { values, _, _, _ in
      values.update(repeating: Recipe.DecayPattern.clamped(neighbours), count: shape.Hv * shape.decayWidth)
    }
  }

  /// A tensor of shape [B, T, Hv] or [B, T, Hv, Dk] made of log g, one converter for each head and channel.
  private func decay(_ precision: Precision, through converter: (_ slot: Int) -> DecayConverter) -> Tensor {
    let (T, width, pattern) = (shape.T, shape.decayWidth, recipe.decay)
    var converters = (0..<shape.Hv * width).map(converter)
    return tokens("decay", shape.gate, precision) { values, _, t, place in
      let shared = pattern.shared(at: t, T: T)
      for slot in converters.indices {
        let asked = shared ?? pattern.drawn(at: place.at(slot / width).at(slot % width))
        values[slot] = converters[slot].value(of: asked)
      }
    }
  }

  /// A_log, [Hv] or [Hv, 1].
  private func rateLogarithms() -> Tensor {
    let root = address("A_log")
    return gateParameter(recipe.A_log, shape.A_log) { h in Elementary.log(1 + 15 * root.at(h).uniform) }
  }

  /// dt_bias, [Hv] or [Hv, Dk].
  private func gateBiases() -> Tensor {
    let (root, width) = (address("dt_bias"), shape.decayWidth)
    return gateParameter(recipe.dt_bias, shape.dt_bias) { slot in
      -4 + 6 * root.at(slot / width).at(slot % width).uniform
    }
  }

  /// An fp32 parameter of the model, with these values where heads differ.
  private func gateParameter(
    _ parameter: Recipe.GateParameter, _ dimensions: [Int], ofHeads value: (_ slot: Int) -> Double
  ) -> Tensor {
    let values = (0..<dimensions.reduce(1, *)).map { slot -> Double in
      if case .constant(let constant) = parameter {
        Double(Float(constant))
      } else {
        Double(Float(value(slot)))
      }
    }
    return Tensor(shape: dimensions, values: values)
  }

  /// beta or, at model level, b: [B, T, Hv].
  private func writeStrength() -> Tensor {
    let (write, isLogit) = (recipe.write, recipe.level == .model)
    let shared = write.shared(asLogit: isLogit)
    return tokens("beta", shape.token, recipe.precision) { values, _, _, place in
      for h in 0..<shape.Hv { values[h] = shared ?? write.drawn(at: place.at(h), asLogit: isLogit) }
    }
  }
}

extension Recipe.WriteStrength {
  /// beta, or the logit of it, where it is the same at every token; nil where each draws its own.
  func shared(asLogit: Bool) -> Double? {
    switch self {
    case .constant(let beta): asLogit ? Recipe.WriteStrength.logit(of: beta) : beta
    case .logit(let b): asLogit ? b : Elementary.sigmoid(b)
    case .logits, .wide, .halves: nil
    }
  }

  /// beta, or the logit of it, of one token and head.
  func drawn(at place: Address, asLogit: Bool) -> Double {
    switch self {
    case .constant, .logit: return shared(asLogit: asLogit)!
    case .logits(let low, let high):
      let b = low + (high - low) * place.uniform
      return asLogit ? b : Elementary.sigmoid(b)
    case .wide(let low, let high): return low + (high - low) * place.uniform
    case .halves(let chance, let zeros):
      let x = place.uniform
      let beta = x < chance ? 0.5 : x < chance + zeros ? 0 : 1
      return asLogit ? Recipe.WriteStrength.logit(of: beta) : beta
    }
  }

  /// Beyond 37 a sigmoid is exactly 1 in fp64 as well; at -200 it is 0 in fp32.
  private static func logit(of beta: Double) -> Double {
    min(max(Elementary.log(beta / (1 - beta)), -200), 40)
  }
}

extension Recipe.DecayPattern {
  /// log g (a + dt_bias for an input) at token t, where all heads and channels share it; nil where each draws its own.
  func shared(at t: Int, T: Int) -> Double? {
    switch self {
    case .constant(let level): level
    case .clamp(let neighbours): Elementary.log(Recipe.DecayPattern.clamped(neighbours))
    case .forget(let token, let strong, let slow): t == token ? strong : slow
    case .every(let period, let strong, let slow): t % period == period - 1 ? strong : slow
    case .tail(let rows, let strong, let slow): t >= T - rows ? strong : slow
    case .input(let x, noise: 0): x
    case .random, .mixture, .input, .halves: nil
    }
  }

  /// log g (a + dt_bias for an input) of one token, head and channel.
  func drawn(at place: Address) -> Double {
    switch self {
    case .random(let level, let spread):
      // 10^x = e^(x log 10).
      return level * Elementary.exp(spread * (2 * place.uniform - 1) * 2.302_585_092_994_045_7)
    case .mixture(let chance, let strong, let slow): return place.uniform < chance ? strong : slow
    case .input(let x, let noise): return x + noise * place.normal
    case .halves(let chance): return place.uniform < chance ? Elementary.log(0.5) : 0
    case .constant, .clamp, .forget, .every, .tail: preconditionFailure("shared by all heads")
    }
  }

  /// 1e-12 as an fp32, moved by so many neighbours.
  static func clamped(_ neighbours: Int) -> Double {
    let pattern = Int32(Float(1e-12).bitPattern) + Int32(neighbours)
    return Double(Float(bitPattern: UInt32(pattern)))
  }
}
