import GatedDeltaRule
import Oracle
import Support
import Testing
import Twin

/// What roundings placed at random come to.
@Suite struct TwinRoundingTests {
  private static func problem(_ seed: UInt64, precision: Precision = .bf16, level: Level = .core) throws
    -> Problem
  {
    try Sample(
      shape: Shape(B: 1, T: 40, Hk: 1, Hv: 2, Dk: 16, Dv: 16), level: level, seed: seed, precision: precision,
      hasState: true, hasCotangents: true
    ).problem
  }

  private static func rms(_ x: [Double]) -> Double {
    (x.reduce(0) { $0 + $1 * $1 } / Double(x.count)).squareRoot()
  }

  @Test func `a seed gives its values again, whatever was asked before, and another others`() throws {
    let problem = try TwinRoundingTests.problem(1)
    for form in TwinForm.usual(for: CoarseKernel(.bf16).declaration, inputs: .bf16) + [TwinForm()] {
      let (one, other) = (Twin(problem, form: form), Twin(problem, form: form))
      _ = one.results(seed: 8)
      let (first, second) = (one.results(seed: 7), other.results(seed: 7))
      for quantity in Quantity.all(at: .core) { #expect(first[quantity] == second[quantity]) }
      #expect(one.results(seed: 8)[.y] != first[.y])
      #expect(one.results(seed: 7, gradients: false)[.y] == first[.y])
    }
  }

  @Test func `values are numbers of the formats that the form stores`() throws {
    let problem = try TwinRoundingTests.problem(2)
    let results = Twin(problem, form: TwinForm(CoarseKernel(.bf16).declaration, inputs: .bf16)).results(
      seed: 1)
    for quantity in Quantity.all(at: .core) {
      let stored: Precision = [.stateOut, .dg, .dstateIn].contains(quantity) ? .fp32 : .bf16
      let values = try #require(results[quantity]).values
      #expect(values.allSatisfy { stored.round($0) == $0 })
      #expect(stored == .bf16 || !values.allSatisfy { Precision.bf16.round($0) == $0 })
    }
  }

  /// The measure that a verdict rests on: an honest kernel's error over the widest of its twins'.
  @Test(arguments: CoarseKernel.all.filter { $0.inversion != .blocks })
  func `an honest kernel errs like its twin, and one that is 3 % off does not`(kernel: CoarseKernel) throws {
    let inputs: Precision = [.bf16: .bf16, .fp16: .fp16][kernel.products] ?? .fp32
    let problem = try TwinRoundingTests.problem(3, precision: inputs)
    let (reference, answer) = (Reference(problem), try kernel.evaluate(problem, request: Request()))
    let runs = TwinForm.usual(for: kernel.declaration, inputs: inputs).map { form in
      (0..<3).map { Twin(problem, form: form.storing(as: answer)).results(seed: $0) }
    }
    for quantity in Quantity.all(at: .core) {
      let truth = try #require(reference[quantity]).values
      let error = zip(try #require(answer[quantity]).values, truth).map(-)
      let spreads = runs.map { $0.map { TwinRoundingTests.rms(zip($0[quantity]!.values, truth).map(-)) } }
      let widest = try #require(spreads.map(TwinRoundingTests.rms).max())
      let ratio = TwinRoundingTests.rms(error) / widest
      #expect(ratio < 1.5 && ratio > 0.1, "\(kernel.name) \(quantity): \(ratio)")
      let faulty = TwinRoundingTests.rms(zip(error, truth).map { $0 + 0.03 * $1 }) / widest
      #expect(quantity == .dg || quantity == .dbeta || faulty > 1.5, "\(kernel.name) \(quantity): \(faulty)")
    }
  }

  @Test func `fp32 errs by a few roundings of fp32`() throws {
    for level in Level.allCases {
      let problem = try TwinRoundingTests.problem(4, precision: .fp32, level: level)
      let reference = Reference(problem)
      for form in [TwinForm(), TwinForm(Declaration(form: .chunked(length: 16)), inputs: .fp32)] {
        let results = Twin(problem, form: form).results(seed: 1)
        for quantity in Quantity.all(at: level) {
          let truth = try #require(reference[quantity]).values
          let error = zip(try #require(results[quantity]).values, truth).map(-)
          let relative = TwinRoundingTests.rms(error) / TwinRoundingTests.rms(truth)
          #expect(relative > 0x1p-27 && relative < 0x1p-17, "\(level) \(quantity) \(form.form): \(relative)")
        }
      }
    }
  }
}
