import Foundation
import Oracle
import Support
import Testing

/// What a case may add to the evidence of a run.
@Suite struct BetTests {
  /// Of Student's distribution with 4 degrees of freedom.
  private func density(_ t: Double) -> Double { 0.375 * pow(1 + t * t / 4, -2.5) }

  /// The chance of more than t.
  private func tail(_ t: Double) -> Double { 0.5 - t * (t * t + 6) / (2 * pow(t * t + 4, 1.5)) }

  /// The mean of exp(lambda s), s held between -6 and 6, by Simpson's rule.
  private func mean(_ lambda: Double) -> Double {
    let (limit, steps) = (Score.limit, 4800)
    let h = 2 * limit / Double(steps)
    var sum = 0.0
    for i in 0...steps {
      let t = -limit + Double(i) * h
      sum += (i == 0 || i == steps ? 1 : i % 2 == 0 ? 2 : 4) * exp(lambda * t) * density(t)
    }
    return sum * h / 3 + tail(limit) * (exp(lambda * limit) + exp(-lambda * limit))
  }

  @Test func `prices are Student's, and those of one case in a thousand that may be anything`() {
    #expect(Score.twins == 4)
    for (number, price) in Bet.prices.enumerated() {
      let lambda = Double(sign: .plus, exponent: 1 - number, significand: 1)
      let exact = log(0.999 * mean(lambda) + 0.001 * exp(lambda * Score.limit))
      #expect((price - exact).magnitude < 1e-7)
      #expect(price > exact - 1e-10)
    }
  }

  @Test func `a bet that is worth little, or told by no number, is none`() {
    #expect(Bet.outcome(of: 6, betting: 0x1p-12, predicted: 1) == 0)
    #expect(Bet.outcome(of: 6, betting: 0.25, predicted: .nan) == 0)
    #expect(Bet.outcome(of: 6, betting: 0.25, predicted: 1e-9) > 0)
    #expect(Bet.outcome(of: -6, betting: 0.25, predicted: 1e-9) < 0)
    let lost = Score(ordinal: 0, gain: .nan, deviation: 1, predicted: 1)
    #expect(lost.score(true, bias: 0) == -Score.limit && lost.score(false, bias: 0) == -Score.limit)
  }

  @Test func `an allowed bias is no evidence, in either direction`() {
    let score = Score(ordinal: 0, gain: 2e-4, deviation: 1e-6, predicted: 1e-6)
    #expect(score.score(true, bias: 2.1e-4) < 0 && score.score(false, bias: 2.1e-4) < 0)
    #expect(score.score(true, bias: 1e-4) == Score.limit)
  }

  @Test func `every direction has a place and a key of its own`() {
    #expect(Direction.all.map(\.ordinal) == Array(0..<Direction.all.count))
    #expect(Set(Direction.all.map(\.key)).count == Direction.all.count)
    #expect(Direction.all.allSatisfy { Direction(key: $0.key) == $0 })
    #expect(Direction(key: "head 16") == nil && Direction(key: "") == nil)
  }
}
