import Testing

@testable import gdr

/// The clock is the judge's, and a claim is held against it.
@Suite struct ClockTests {
  @Test func `an interval of a median holds 95 of 100`() {
    // The two-sided sign test's table: from 6 values on all, from 9 on without the ends.
    #expect([5, 6, 8, 9, 11, 12, 15, 20, 25].map(Spread.skipped) == [0, 0, 0, 1, 1, 2, 3, 5, 7])
    let spread = Spread(of: [9, 1, 2, 3, 4, 5, 6, 7, 8])
    #expect((spread.low, spread.median, spread.high) == (2, 5, 8))
    #expect(Spread(of: []).median.isNaN)
  }

  /// A result of a layer of 1 MB each way.
  private func doubts(claim: Double, clocked: Double) throws -> [String] {
    let layer = try #require(BenchCase.Layer(text: "16/64/192/128"))
    let one = BenchCase(layer: layer, T: 512, precision: "f32", gradients: true)
    var result = BenchResult(implementation: "w")
    (result.seconds, result.claims, result.bytes) = ([clocked], [claim], 200_000_000)
    return TimeClaim(result, one).doubts
  }

  @Test func `a claim that no computer can keep is doubted`() throws {
    #expect(try doubts(claim: 1e-7, clocked: 0.4).contains { $0.contains("less than any computer needs") })
  }

  @Test func `a claim is doubted where reading and writing does not explain the rest`() throws {
    #expect(try doubts(claim: 0.05, clocked: 0.3).isEmpty)
    #expect(try doubts(claim: 0.05, clocked: 2).contains { $0.contains("does not explain the rest") })
    #expect(try doubts(claim: 5, clocked: 1).contains { $0.contains("more than passed") })
  }

  @Test func `what is no number is doubted`() throws {
    #expect(try !doubts(claim: 0.1, clocked: .nan).isEmpty)
  }
}
