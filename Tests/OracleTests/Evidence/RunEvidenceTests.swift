import Foundation
import GatedDeltaRule
import Oracle
import Support
import Testing

/// Evidence that adds up over cases, on errors that are drawn.
@Suite struct RunEvidenceTests {
  /// Cases with normal errors whose deviation is `spread` times the twins', on top of a gain, in some directions of y.
  private struct Simulation {
    var random: Random
    var directions = [0]
    var spread = 1.0
    var gain = 0.0
    /// The deviation of the twins' gains differs from case to case by up to this factor.
    var variety = 1.0

    init(seed: UInt64) { random = Random(seed: seed) }

    mutating func normal() -> Double {
      (-2 * log(1 - random.uniform())).squareRoot() * cos(2 * .pi * random.uniform())
    }

    mutating func next() -> CaseEvidence {
      let deviation = 1e-3 * pow(variety, random.uniform())
      let scores = directions.map { ordinal in
        let squares = (0..<Score.twins).reduce(0.0) { sum, _ in
          let one = normal() * deviation
          return sum + one * one
        }
        return Score(
          ordinal: ordinal, gain: gain + spread * deviation * normal(),
          deviation: (squares / Double(Score.twins)).squareRoot(), predicted: deviation)
      }
      let result = ResultEvidence(quantity: .y, spread: random.uniform(), scores: scores, bias: 1e-5)
      return .found([result])
    }
  }

  /// Cases until something is convicted; nil if nothing is in so many.
  private func casesToConviction(_ simulation: Simulation, limit: Int) -> Int? {
    var (simulation, evidence) = (simulation, RunEvidence())
    for number in 1...limit {
      evidence.add(simulation.next(), at: number)
      if !evidence.convictions(among: 1).isEmpty { return number }
    }
    return nil
  }

  @Test(arguments: [1.0, 100]) func `errors as large as they may be convict nobody`(variety: Double) {
    var simulation = Simulation(seed: 4)
    (simulation.directions, simulation.spread) = (Array(Direction.all.indices), Score.factor)
    simulation.variety = variety
    var evidence = RunEvidence()
    for number in 0..<400 { evidence.add(simulation.next(), at: number) }
    #expect(evidence.convictions(among: 1).isEmpty)
    // Nor are they near it: of 90 fair bets the best is worth some hundred.
    #expect(evidence.convictions(past: log(1e5)).isEmpty)
  }

  @Test(arguments: [(1.0, 150...260), (3, 20...40), (30, 5...7)])
  func `a gain is convicted after about as many cases as it must be`(
    deviations: Double, range: ClosedRange<Int>
  )
    throws
  {
    let counts = (0..<11).compactMap { seed in
      var simulation = Simulation(seed: UInt64(seed))
      (simulation.gain, simulation.spread) = (deviations * 1e-3, 0.75)
      return casesToConviction(simulation, limit: 1000)
    }.sorted()
    #expect(counts.count == 11)
    #expect(range.contains(try #require(counts.dropFirst(5).first)), "\(counts)")
  }

  @Test func `a want is told from an excess, and how large it is`() throws {
    var simulation = Simulation(seed: 1)
    (simulation.gain, simulation.directions) = (-0.01, [Direction.head(5).ordinal])
    var evidence = RunEvidence()
    for number in 0..<30 { evidence.add(simulation.next(), at: number) }
    let conviction = try #require(evidence.convictions(among: 1).first)
    guard case .gain(.head(5), let factor) = conviction.kind else { throw Unexpected() }
    #expect((factor - 0.99).magnitude < 1e-3)
    #expect(conviction.cases == 30)
    #expect(Report.sentence(conviction).contains("y is 0.99"))
    #expect(Report.sentence(conviction).contains("heads 5 mod 16"))
  }

  @Test func `the sum of shards is the run, in any order, and reads back as written`() throws {
    var simulation = Simulation(seed: 2)
    simulation.directions = [0, 3, 20, 39]
    let cases = (0..<60).map { _ in simulation.next() } + [.tooLarge, .silent]
    func evidence(_ numbers: [Int]) -> RunEvidence {
      numbers.reduce(into: RunEvidence()) { $0.add(cases[$1], at: $1) }
    }
    let whole = evidence(Array(cases.indices))
    #expect(whole.tooLarge == 1 && whole.silent == 1 && whole.cases == 60)
    for count in [2, 5] {
      for order in [Array(0..<count), Array((0..<count).reversed())] {
        let sum = order.reduce(into: RunEvidence()) { sum, shard in
          sum.add(evidence(cases.indices.filter { $0 % count == shard }))
        }
        #expect(sum == whole)
      }
    }
    let data = try JSONEncoder().encode(whole)
    #expect(try JSONDecoder().decode(RunEvidence.self, from: data) == whole)
  }

  @Test func `errors larger than those of all twins are convicted although they point nowhere`() throws {
    var simulation = Simulation(seed: 3)
    var evidence = RunEvidence()
    for number in 0..<40 {
      guard case .found(let found) = simulation.next() else { throw Unexpected() }
      let wide = ResultEvidence(quantity: .y, spread: 2, scores: found[0].scores, bias: found[0].bias)
      evidence.add(.found([wide]), at: number)
    }
    let conviction = try #require(evidence.convictions(among: 1).first)
    #expect(conviction.kind == .spread(larger: 40))
    #expect(Report.sentence(conviction).contains("40 of 40 cases"))
  }

  @Test func `a NaN is no evidence against a direction and counts as a large error`() throws {
    var evidence = RunEvidence()
    let score = Score(ordinal: 0, gain: .nan, deviation: .nan, predicted: .nan)
    for number in 0..<100 {
      evidence.add(
        .found([ResultEvidence(quantity: .y, spread: .nan, scores: [score], bias: 0)]), at: number)
    }
    #expect(evidence.convictions(among: 1).map(\.kind) == [.spread(larger: 100)])
  }

  private struct Unexpected: Error {}
}
