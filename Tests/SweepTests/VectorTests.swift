#if canImport(SweepAVX2)
  import GatedDeltaRule
  import Generator
  import Machine
  import Testing
  import Sweep
  import SweepAVX2

  /// The same sources compiled for wider vectors.
  @Suite struct SweepAVX2Tests {
    private static let declarations = [
      Declaration(), Declaration(form: .chunked(length: 64)),
      Declaration(form: .chunked(length: 16), clamp: .decay(floor: 1e-12)),
      Declaration(clamp: .logDecay(floor: -20), betaPrecision: .bf16, headPrecision: .fp16),
    ]

    @Test(
      .enabled(if: Processor.available >= .wide, "the processor has no wider vectors"),
      arguments: declarations)
    func `wide vectors change no bit of a bound`(declaration: Declaration) throws {
      for index in 0..<60 {
        let problem = try Recipe.draw(seed: 7, index: UInt64(index), profile: .small).render()
        let gates = Sweep.GateTable(problem, clamp: declaration.clamp)
        let narrow = withExtendedLifetime(gates) {
          Sweep.Measurement.bounds(
            problem, gates: gates.memory, for: declaration, arithmetic: .working, gradients: true,
            paysForGates: true, threads: 1)
        }
        let wide = withExtendedLifetime(gates) {
          SweepAVX2.Measurement.bounds(
            problem, gates: gates.memory, for: declaration, arithmetic: .working, gradients: true,
            paysForGates: true, threads: 1)
        }
        let isAsked = Quantity.allCases.map { Quantity.all(at: problem.level).contains($0) }
        #expect(narrow.values.map { $0 != nil } == isAsked && narrow.bounds.map { $0 != nil } == isAsked)
        #expect(bits(narrow.values) == bits(wide.values))
        #expect(bits(narrow.bounds) == bits(wide.bounds))
        #expect(bits(narrow.partials) == bits(wide.partials))
        #expect(narrow.largest.bitPattern == wide.largest.bitPattern)
        let numbers = withExtendedLifetime(gates) {
          SweepAVX2.Measurement.numbers(problem, gates: gates.memory, threads: 2)
        }
        #expect(bits(numbers) == bits(wide.values))
      }
    }

    private func bits(_ tensors: [Tensor?]) -> [[UInt64]?] {
      tensors.map { $0.map { $0.values.map(\.bitPattern) } }
    }
  }
#endif
