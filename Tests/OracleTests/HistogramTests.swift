import Oracle
import Testing

@Suite struct HistogramTests {
  @Test func `a ratio counts in its half octave`() {
    var histogram = Histogram()
    let middle = 2 * -Histogram.exponents.lowerBound
    for (ratio, bin) in [
      (1.0, middle), (1.4, middle), (1.5, middle + 1), (0.99, middle - 1), (0.5, middle - 2),
    ] {
      let before = histogram.halfOctaves[bin]
      histogram.add(ratio)
      #expect(histogram.halfOctaves[bin] == before + 1, "\(ratio)")
    }
  }

  @Test func `what is beyond counts at the ends, and what is no number apart`() {
    var histogram = Histogram()
    for ratio in [0, 1e-300, 0x1p-25, 1e300, 0x1p8, .infinity, .nan] { histogram.add(ratio) }
    #expect(histogram.zeros == 1 && histogram.nonFinite == 2)
    #expect(histogram.halfOctaves.first == 2 && histogram.halfOctaves.last == 2)
    #expect(histogram.count == 7)
    var sum = histogram
    sum.add(histogram)
    #expect(sum.count == 14 && sum.halfOctaves.first == 4)
  }
}
