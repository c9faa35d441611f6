import GatedDeltaRule
import Machine
import Testing

@testable import Twin

/// Numbers moved to neighbours in a format.
@Suite struct ScatterTests {
  /// What becomes of one number, many times.
  private func scattered(_ x: Float, to format: ProductFormat, seed: UInt64 = 1) -> [Float] {
    var numbers = [Float](repeating: x, count: 1 << 14)
    var dice = Dice(key: seed)
    numbers.withUnsafeMutableBufferPointer { Float.scatter($0.baseAddress!, $0.count, to: format, &dice) }
    return numbers
  }

  @Test(arguments: [ProductFormat.bf16, .fp16, .tf32], [Float(1.2345678), -3.1415927, 7.7e-4, 6000.123])
  func `the mean is the number, and each is a neighbour`(format: ProductFormat, x: Float) {
    let found = Set(scattered(x, to: format))
    #expect(found.count == 2)
    let spacing = (found.max()! - found.min()!).magnitude
    #expect(found.min()! <= x && x <= found.max()!)
    #expect(spacing <= 4 * Float(format.unitRoundoff) * x.magnitude)
    let mean = scattered(x, to: format).reduce(0) { $0 + Double($1) } / Double(1 << 14)
    // Five deviations of the mean of as many draws between two neighbours.
    #expect((mean - Double(x)).magnitude <= 5 * 0.5 * Double(spacing) / 128)
    for number in found { #expect(isNumber(number, of: format)) }
  }

  @Test(arguments: [Float(3e-6), -1e-5, 2e-8, 6.1e-5])
  func `subnormals of fp16 are multiples of 2^-24`(x: Float) {
    let found = scattered(x, to: .fp16)
    for number in Set(found) { #expect(isNumber(number, of: .fp16) && (number - x).magnitude < 0x1p-24) }
    let mean = found.reduce(0) { $0 + Double($1) } / Double(found.count)
    #expect((mean - Double(x)).magnitude <= 5 * 0.5 * 0x1p-24 / 128)
  }

  @Test func `what does not fit into fp16 is infinite, and what fits stays`() {
    #expect(Set(scattered(70000, to: .fp16)) == [.infinity])
    #expect(Set(scattered(-1e30, to: .fp16)) == [-.infinity])
    #expect(Set(scattered(65504, to: .fp16)) == [65504])
    #expect(Set(scattered(65515, to: .fp16)) == [65504, .infinity])
  }

  @Test(arguments: ProductFormat.allCases)
  func `zero, infinity and NaN stay`(format: ProductFormat) {
    for x in [Float(0), .infinity, -.infinity] { #expect(Set(scattered(x, to: format)) == [x]) }
    #expect(!scattered(.nan, to: format).contains { !$0.isNaN })
    #expect(format == .fp32 || Set(scattered(-1.5, to: format)) == [-1.5])
  }

  @Test(arguments: [Float(1.1), -1.9, 1, 3e10])
  func `fp32 moves by an ulp or two, as often up as down, with the variance of a rounding`(x: Float) {
    let steps = scattered(x, to: .fp32).map { Double($0 - x) / Double(x.ulp) }
    #expect(steps.allSatisfy { $0.magnitude <= 2 })
    let mean = steps.reduce(0, +) / Double(steps.count)
    let variance = steps.reduce(0) { $0 + $1 * $1 } / Double(steps.count)
    #expect(mean.magnitude <= 0.02)
    #expect(variance > 0.03 && variance < 0.3)
  }

  @Test func `the same address gives the same numbers, another others`() {
    #expect(scattered(1.2345678, to: .bf16, seed: 7) == scattered(1.2345678, to: .bf16, seed: 7))
    #expect(scattered(1.2345678, to: .bf16, seed: 7) != scattered(1.2345678, to: .bf16, seed: 8))
  }

  private func isNumber(_ x: Float, of format: ProductFormat) -> Bool {
    switch format {
    case .fp32: true
    case .tf32: x.bitPattern & 0x1FFF == 0
    case .bf16: Precision.bf16.round(Double(x)) == Double(x)
    case .fp16: Precision.fp16.round(Double(x)) == Double(x)
    }
  }
}
