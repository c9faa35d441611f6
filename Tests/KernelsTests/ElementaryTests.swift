import Foundation
import Kernels
import Support
import Testing

@Suite struct ElementaryTests {
  /// The largest error in units of the last place over a sweep.
  func worst(_ range: ClosedRange<Double>, _ mine: (Double) -> Double, _ theirs: (Double) -> Double) -> Double
  {
    var random = Random(seed: 5)
    var worst = 0.0
    for _ in 0..<20_000 {
      let x = random.uniform(range)
      let expected = theirs(x)
      let error = (mine(x) - expected).magnitude / expected.ulp
      guard error <= worst else {
        if error.isNaN { return .nan }
        worst = error
        continue
      }
    }
    return worst
  }

  @Test func `exp, log and log1p are within two units in the last place of the C library's`() {
    #expect(worst(-745...709, Elementary.exp, exp) <= 2)
    #expect(worst(-1...1, Elementary.exp, exp) <= 2)
    #expect(worst(1e-300...1e-290, Elementary.log, log) <= 2)
    #expect(worst(0.5...2, Elementary.log, log) <= 2)
    #expect(worst(0...1, Elementary.log1p, log1p) <= 2)
    #expect(worst(0...1e-10, Elementary.log1p, log1p) <= 2)
  }

  @Test func `the ends are exact`() {
    #expect(Elementary.exp(0) == 1)
    #expect(Elementary.exp(-.infinity) == 0)
    #expect(Elementary.exp(.infinity) == .infinity)
    #expect(Elementary.exp(710) == .infinity)
    #expect(Elementary.exp(-746) == 0)
    #expect(Elementary.exp(.nan).isNaN)
    #expect(Elementary.log(0) == -.infinity)
    #expect(Elementary.log(1) == 0)
    #expect(Elementary.log(-1).isNaN)
    #expect(Elementary.sigmoid(-200) > 0)
    #expect(Elementary.sigmoid(40) == 1)
    #expect(Elementary.softplus(-200) > 0)
    #expect(Elementary.softplus(1000) == 1000)
  }

  @Test func `eight numbers at a time have the bits that they have one by one`() {
    let ends: [Double] = [
      0, -0.0, 1, -1, 0x1p-1070, 0x1p-1022, 1e-17, 40, -40, 700, -700, 710, -746, 1e300, .infinity,
      -.infinity, .nan,
    ]
    var random = Random(seed: 7)
    for round in 0..<4_000 {
      var x = SIMD8<Double>.zero
      let scale = [1, 30, 1000, 1e-10][round % 4]
      for lane in 0..<8 { x[lane] = scale * (random.uniform() - 0.5) }
      // One of the ends among them, and at times several.
      for lane in 0..<round % 3 { x[lane] = ends[(round + lane) % ends.count] }
      let found = [
        Elementary.exp(x), Elementary.log(x), Elementary.softplus(x), Elementary.sigmoid(x),
      ]
      for lane in 0..<8 {
        let expected = [
          Elementary.exp(x[lane]), Elementary.log(x[lane]), Elementary.softplus(x[lane]),
          Elementary.sigmoid(x[lane]),
        ]
        for (one, other) in zip(found, expected) where !other.isNaN {
          #expect(one[lane].bitPattern == other.bitPattern, "\(x[lane])")
        }
        for (one, other) in zip(found, expected) where other.isNaN { #expect(one[lane].isNaN) }
      }
    }
  }
}
