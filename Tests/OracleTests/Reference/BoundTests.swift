import GatedDeltaRule
import Generator
import Support
import Testing

@testable import Oracle

/// Small shapes for the specimens, which run unoptimised.
let smallShapes: [Shape] = [
  try! Shape(B: 1, T: 12, Hk: 2, Hv: 4, Dk: 3, Dv: 2),
  try! Shape(B: 2, T: 9, Hk: 1, Hv: 2, Dk: 4, Dv: 4),
  try! Shape(B: 1, T: 30, Hk: 1, Hv: 1, Dk: 6, Dv: 3),
  try! Shape(B: 1, T: 10, Hk: 1, Hv: 3, Dk: 1, Dv: 1),
  try! Shape(B: 1, T: 10, Hk: 1, Hv: 2, Dk: 4, Dv: 3, decayKind: .perChannel),
]

/// A case of a run of random problems.
func smallSample(_ seed: Int) -> Sample {
  var random = Random(seed: UInt64(seed))
  let family = random.pick(Sample.Family.allCases)
  // 1e12 is no fp16 number.
  let precision = random.pick([.fp32, .fp32, .bf16, family == .magnitude ? Precision.fp32 : .fp16])
  return Sample(
    shape: random.pick(smallShapes), level: random.pick(Level.allCases), family: family,
    mask: random.pick(Sample.MaskKind.allCases), seed: random.next(), precision: precision)
}

/// Honest ways to compute the same thing.
let honest: [Specimen] = [
  Specimen(),
  Specimen(single: Arithmetic(isSingle: true, order: .backwards), regroups: true),
  Specimen(single: Arithmetic(isSingle: true, order: .pairwise)),
  Specimen(single: Arithmetic(isSingle: true, order: .lanes, isFused: true)),
  Specimen(single: Arithmetic(isSingle: true, order: .lanes, flushes: true), regroups: true),
]

@Suite struct BoundTests {
  @Test func `honest rounding stays within the bound`() throws {
    for seed in 0..<300 {
      let sample = smallSample(seed)
      let check = CrossCheck(try sample.problem)
      for specimen in honest {
        let judgement = check.judge(specimen).judgement
        guard case .agrees = judgement.verdict else {
          Issue.record("seed \(seed) \(sample) \(specimen.name): \(judgement.verdict)")
          continue
        }
        for ratios in [judgement.ratios, judgement.doubleRatios] {
          #expect(Set(ratios.keys) == Set(Quantity.all(at: sample.level)))
          #expect(ratios.values.allSatisfy { $0 < 1 }, "seed \(seed) \(sample) \(specimen.name): \(ratios)")
        }
      }
    }
  }

  /// What a fault changes at all must be caught: by the bound or, if fp32 hides it, in fp64.
  @Test(arguments: Specimen.Fault.allCases)
  func `planted faults are caught`(fault: Specimen.Fault) throws {
    var (effective, caught) = (0, 0)
    for seed in 1000..<1040 {
      let problem = try smallSample(seed).problem
      let check = CrossCheck(problem)
      let honest = try Specimen().evaluate(problem, request: Request(arithmetic: .double))
      let faulty = try Specimen(fault: fault).evaluate(problem, request: Request(arithmetic: .double))
      guard isEffective(faulty, honest) else { continue }
      effective += 1
      let judgement = check.judge(Specimen(fault: fault)).judgement
      if case .disagrees = judgement.verdict { caught += 1 }
    }
    #expect(effective > 0)
    #expect(caught == effective)
  }

  /// Whether a fault changes some result by more than 2^-24 of its tensor, well inside the range of fp32.
  private func isEffective(_ faulty: Evaluation, _ honest: Evaluation) -> Bool {
    honest.results.contains { quantity, tensor in
      let size = max(tensor.largestMagnitude, 0x1p-100)
      guard let other = faulty[quantity] else { return true }
      return zip(tensor.values, other.values).contains { ($0 - $1).magnitude > 0x1p-24 * size }
    }
  }

  @Test func `threads change no bit of the reference and its bounds`() throws {
    for index in 0..<60 {
      let problem = try Recipe.draw(seed: 13, index: UInt64(index)).render()
      for form in [Declaration.Form.sequential, .chunked(length: 64)] {
        let (one, three) = (CrossCheck(problem), CrossCheck(problem, threads: 3))
        let bounds = [one, three].map { $0.bound(for: Declaration(form: form)) }
        #expect(Set(bounds[0].values.keys) == Set(Quantity.all(at: problem.level)))
        #expect(bounds[0].values.mapValues(\.bits) == bounds[1].values.mapValues(\.bits))
        #expect(bounds[0].isOverflow == bounds[1].isOverflow)
        let references = [one, three].map { $0.reference().evaluation }
        #expect(Set(references[0].results.keys) == Set(Quantity.all(at: problem.level)))
        #expect(references[0].bits == references[1].bits)
      }
    }
  }

  @Test func `outputs measured alone have the same bits, and gradients asked for later are there`() throws {
    for index in 0..<60 {
      let problem = try Recipe.draw(seed: 14, index: UInt64(index)).render()
      for form in [Declaration.Form.sequential, .chunked(length: 16)] {
        let declaration = Declaration(form: form)
        let (whole, outputs) = (CrossCheck(problem), CrossCheck(problem))
        let alone = outputs.bound(for: declaration, arithmetic: .working, gradients: false)
        #expect(!alone.hasGradients)
        for check in [whole, outputs] {
          let bound = check.bound(for: declaration)
          #expect(bound.hasGradients && check.reference().hasGradients)
          for quantity in [Quantity.y, .stateOut] {
            #expect(try #require(alone[quantity]).bits == #require(bound[quantity]).bits)
          }
        }
      }
    }
  }
}
