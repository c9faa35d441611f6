import GatedDeltaRule

extension Rendering {
  /// v, [B, T, Hv, Dv].
  func values() -> Tensor {
    let factor: Double =
      switch recipe.values {
      case .random: 1
      case .zero: 0
      case .scaled(let factor): factor
      }
    return normal("v", factor)
  }

  /// dy, [B, T, Hv, Dv], zero at masked tokens.
  func outputCotangent() -> Tensor? {
    let (T, width) = (shape.T, shape.Hv * shape.Dv)
    switch recipe.dy {
    case .none: return nil
    case .zeros: return Tensor(shape: shape.value, precision: recipe.precision)
    case .random, .last, .mean: break
    }
    let factor = recipe.dy == .mean ? 1 / Double(max(T * width, 1)) : 1
    var dy = normal("dy", factor)
    for b in 0..<shape.B {
      let last = (0..<T).last { isLive(b, $0) }
      for t in 0..<T where !isLive(b, t) || (recipe.dy == .last && t != last) {
        let start = (b * T + t) * width
        for index in start..<start + width { dy.values[index] = 0 }
      }
    }
    return dy
  }

  /// Entries about N(0, 1), or whole numbers, times this factor, [B, T, Hv, Dv].
  private func normal(_ name: StaticString, _ factor: Double) -> Tensor {
    let (Hv, Dv) = (shape.Hv, shape.Dv)
    return tokens(name, shape.value, recipe.precision) { values, _, _, place in
      for h in 0..<Hv {
        let head = place.at(h)
        for c in 0..<Dv { values[h * Dv + c] = entry(at: head.at(c)) * factor }
      }
    }
  }

  /// The state before the first token, [B, Hv, Dv, Dk].
  func initialState() -> Tensor? {
    let format = recipe.contract.state
    switch recipe.state {
    case .none: return nil
    case .zeros: return Tensor(shape: shape.state, precision: format)
    case .random: return drawState("state_in", format) { _ in true }
    case .lastRow: return drawState("state_in", format) { $0 == shape.B - 1 }
    case .spike:
      var state = drawState("state_in", format) { _ in true }
      let spike = format.round(format == .fp16 ? 6e4 : 1e8)
      for head in 0..<shape.B * shape.Hv {
        let start = head * shape.Dv * shape.Dk
        for index in start..<start + shape.Dk { state.values[index] = spike }
      }
      return state
    }
  }

  /// The cotangent of the final state, [B, Hv, Dv, Dk].
  func stateCotangent() -> Tensor? {
    switch recipe.dstate {
    case .none: nil
    case .zeros: Tensor(shape: shape.state)
    case .random: drawState("dstate_out") { _ in true }
    }
  }

  /// What a real number of this place would be, or a whole one.
  @inline(__always)
  private func entry(at place: Address) -> Double {
    guard case .exact(let largest, let fill) = recipe.numbers else { return place.normal }
    return place.integer(upTo: largest, fill: fill)
  }

  private func drawState(
    _ name: StaticString, _ precision: Precision = .fp32, isDrawn: (_ b: Int) -> Bool
  ) -> Tensor {
    let (Hv, Dv, Dk) = (shape.Hv, shape.Dv, shape.Dk)
    let root = address(name)
    let count = shape.B * Hv * Dv * Dk
    let values = [Double](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = count
      var row = buffer.baseAddress!
      for b in 0..<shape.B {
        let factor: Double = isDrawn(b) ? 1 : 0
        for h in 0..<Hv {
          for i in 0..<Dv {
            let place = root.at(b).at(h).at(i)
            for c in 0..<Dk { row[c] = entry(at: place.at(c)) * factor }
            row += Dk
          }
        }
      }
      Rendering.round(buffer, to: precision)
    }
    return Tensor(shape: shape.state, precision: precision, values: values)
  }
}
