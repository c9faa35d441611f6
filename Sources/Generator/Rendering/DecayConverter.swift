import GatedDeltaRule

/// Turns log g into what a tensor holds, for one head and channel. Neighbouring tokens often ask for the same, so
/// the last answer is kept.
struct DecayConverter {
  private let quantity: Quantity
  private var last: (asked: Double, answer: Double)?

  /// What the tensor holds.
  enum Quantity {
    /// g itself.
    case factor
    /// What is asked.
    case logarithm
    /// The gate's input a, and what is asked is a + dt_bias.
    case input(dt_bias: Double)
    /// The gate's input a that leads to the log g that is asked: -log g = rate softplus(a + dt_bias).
    case inverse(rate: Double, dt_bias: Double, largest: Double)
    /// The same where the rate is 1 and log g is that of 1/2 or of 1: softplus(0) is log 2.
    case halving(dt_bias: Double)
    /// The gate's input a, and what is asked is the argument of the sigmoid, rate (a + dt_bias).
    case argument(rate: Double, dt_bias: Double, largest: Double)
    /// The gate's input a that leads to the log g that is asked, as far as it goes: log g = least sigmoid(that argument).
    case bounded(least: Double, rate: Double, dt_bias: Double, largest: Double)
  }

  init(_ quantity: Quantity) { self.quantity = quantity }

  /// For the model's parameters of one head and channel.
  init(
    A_log: Double, dt_bias: Double, decay: Recipe.DecayPattern, gate: Contract.Gate, precision: Precision
  ) {
    let isInput = if case .input = decay { true } else { false }
    let isHalving = if case .halves = decay { A_log == 0 } else { false }
    let largest = precision == .fp16 ? 6e4 : 1e9
    // A rate of 0 reaches no decay at all: the input is then that of a rate of 1.
    let rate = A_log == -.infinity ? 1 : Elementary.exp(A_log)
    switch gate {
    case .softplus:
      if isInput {
        self.init(.input(dt_bias: dt_bias))
      } else if isHalving {
        self.init(.halving(dt_bias: dt_bias))
      } else {
        self.init(.inverse(rate: rate, dt_bias: dt_bias, largest: largest))
      }
    case .bounded(let least, let hasRate):
      let rate = hasRate ? rate : 1
      self.init(
        isInput
          ? .argument(rate: rate, dt_bias: dt_bias, largest: largest)
          : .bounded(least: least, rate: rate, dt_bias: dt_bias, largest: largest))
    }
  }

  mutating func value(of asked: Double) -> Double {
    if let last, last.asked == asked { return last.answer }
    let answer = convert(asked)
    last = (asked, answer)
    return answer
  }

  private func convert(_ asked: Double) -> Double {
    switch quantity {
    case .factor: return Elementary.exp(asked)
    case .logarithm: return asked
    case .input(let dt_bias): return asked - dt_bias
    case .inverse(let rate, let dt_bias, let largest):
      // softplus(-200) is 0 in fp32; no decay at all asks for that, total decay for the largest input.
      let y = -asked / rate
      let x = y > 0 ? Elementary.inverseSoftplus(y) : -200
      return min(max(x, -200), largest) - dt_bias
    case .halving(let dt_bias): return (asked < 0 ? 0 : -200) - dt_bias
    case .argument(let rate, let dt_bias, let largest):
      return min(max(asked / rate, -largest), largest) - dt_bias
    case .bounded(let least, let rate, let dt_bias, let largest):
      // Past the bound there is nothing: the input is then as large as that of a sigmoid that is 1.
      let share = min(asked / least, 1)
      let z = share > 0 ? min(max(Elementary.log(share / (1 - share)), -200), 40) : -200
      return min(max(z / rate, -largest), largest) - dt_bias
    }
  }
}
