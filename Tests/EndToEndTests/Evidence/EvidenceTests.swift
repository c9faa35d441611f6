import Foundation
import GatedDeltaRule
import Generator
import Implementations
import Machine
import Oracle
import Support
import Testing

/// What is right, declared as a chunked form with coarse products.
private struct Exactly: Implementation {
  var name: String { "exactly" }
  var declaration: Declaration {
    var declaration = Declaration(form: .chunked(length: 64), offersDouble: false)
    declaration.products = .bf16
    return declaration
  }

  func evaluate(_ problem: Problem, request: Request) throws -> Evaluation { Reference(problem).evaluation }
}

/// What is right, one token after the other in fp32, by g that was made of its logarithm: off by as much at every token
/// of one g.
private struct ThroughLogarithms: Implementation {
  let sequential: any Implementation
  /// In units of the roundoff of fp32.
  let off: Double
  var name: String { "through-logarithms" }
  var declaration: Declaration {
    Declaration(form: .sequential, clamp: .logDecay(floor: -1000), offersDouble: false)
  }

  func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
    var primals = problem.primals
    if case .core(let g, let beta) = primals.gates {
      let values = g.values.map { x in
        let size = off * (1 + Machine.log(x).magnitude) * Precision.fp32.unitRoundoff
        return x == 1 ? 1 : x * (1 + size)
      }
      primals.gates = .core(g: Tensor(shape: g.shape, values: values), beta: beta)
    }
    let other = try Problem(
      shape: problem.shape, primals: primals, mask: problem.mask, cotangents: problem.cotangents, domain: .any
    )
    return try sequential.evaluate(other, request: request)
  }
}

/// Evidence against kernels that round as tensor cores do.
@Suite struct EvidenceTests {
  private static let kernel = CoarseKernel(.bf16, length: 16)

  @Test(arguments: [Quantity.y, .dk]) func `one part in a hundred is convicted in a few cases`(
    quantity: Quantity
  ) throws {
    let faulty = Self.kernel.with(CoarseGain(quantity, 0.01))
    let run = try CoarseRun(faulty, size: .small, seed: 1, limit: 60)
    // A case that has hardly anything to round shows it alone.
    #expect(run.isConvicted || run.failures.contains { $0.hasPrefix("systematic error") })
    #expect(run.cases < 60)
  }

  @Test func `where logarithms of decays are lost twins say nothing`() throws {
    func evidence(decay: String) throws -> CaseEvidence? {
      let text = "v1/B1-T5-Hk1-Hv1-Dk4-Dv4/keys=random/decay=\(decay)/write=0.5/state=random/bf16/seed=1"
      return try CrossCheck(Recipe(text)).judge(Exactly(), properties: .none, weighsEvidence: true).evidence
    }
    #expect(try evidence(decay: "forget:0:-inf:-1") == .silent)
    func results(_ evidence: CaseEvidence?) -> Set<Quantity> {
      guard case .found(let results) = evidence else { return [] }
      return Set(results.map(\.quantity))
    }
    #expect(results(try evidence(decay: "forget:0:-20:-1")) == [.y, .stateOut])
    #expect(results(try evidence(decay: "forget:0:-10:-1")).isSuperset(of: [.y, .stateOut, .dk, .dv]))
  }

  @Test(arguments: [-3.0, 3]) func `nor is one whose decay is off by the same at every token`(
    off: Double
  ) throws {
    let sequential = try #require(Registry.all.first { $0.name == "sequential" })
    let kernel = ThroughLogarithms(sequential: sequential, off: off)
    for text in [
      "v1/B1-T48-Hk1-Hv1-Dk32-Dv16/keys=cone:85.96/decay=-0.0195/write=logit:-7.02/state=random/dstate=random",
      "v1/B2-T25-Hk2-Hv4-Dk8-Dv3/keys=random/q=key/decay=-3.47e-5/write=logit:-5.73/state=random/dstate=random",
    ] {
      for format in ["bf16", "f16"] {
        for seed in 0..<8 {
          let check = try CrossCheck(Recipe("\(text)/\(format)/seed=\(seed)"))
          let result = check.judge(kernel, properties: .none, weighsEvidence: true)
          #expect(result.failure == nil, "\(Report.sentence(result))")
          guard case .found = result.evidence else {
            Issue.record("no evidence on \(text)")
            continue
          }
        }
      }
    }
  }

  @Test func `an honest kernel is not`() throws {
    let run = try CoarseRun(Self.kernel, size: .small, seed: 1, limit: 40)
    #expect(!run.isConvicted && run.failures.isEmpty)
    #expect(run.evidence.cases > 30)
  }
}

/// What the mathematics page says of the power, made by
/// `GDR_MEASURE=power swift test --filter EvidenceMeasurements`, and what it says of honest kernels, by
/// `GDR_MEASURE=honest:CASES:SEED swift test --filter EvidenceMeasurements`, of all rules with `rules` for `honest`, and of
/// some kernels with the beginning of their names as a fourth word.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["GDR_MEASURE"] != nil, "it takes hours"))
struct EvidenceMeasurements {
  private static let words = (ProcessInfo.processInfo.environment["GDR_MEASURE"] ?? "").split(separator: ":")
    .map(String.init)

  private func number(_ place: Int, _ standard: Int) -> Int {
    Self.words.count > place ? Int(Self.words[place]) ?? standard : standard
  }

  /// At once, so that a run that is stopped has said what it found.
  private func say(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }

  /// The median of the cases to a conviction over seeds.
  @Test func power() throws {
    guard Self.words.first == "power" else { return }
    let gain = Double(Self.words.count > 1 ? Self.words[1] : "0.01") ?? 0.01
    let (seeds, limit) = (number(2, 20), number(3, 2000))
    let kernel = CoarseKernel(.bf16, length: 64)
    for quantity in Quantity.all(at: .core) {
      for place in [CoarseGain.Place.everywhere, .head(0), .tokens(3)] {
        let size = place == .everywhere ? gain : 4 * gain
        let counts = try (0..<seeds).map { seed in
          let run = try CoarseRun(
            kernel.with(CoarseGain(quantity, size, in: place)), size: .standard, seed: UInt64(seed),
            limit: limit)
          return run.isConvicted || !run.failures.isEmpty ? run.cases : Int.max
        }.sorted()
        let words = counts.map { $0 == .max ? "-" : "\($0)" }.joined(separator: " ")
        say("POWER \(quantity.rawValue) \(size) \(place): median \(counts[counts.count / 2]) of \(words)")
      }
    }
  }

  /// Every honest variant on small cases.
  @Test func honest() throws {
    guard let word = Self.words.first, word == "honest" || word == "rules" else { return }
    let (each, seed) = (number(1, 1000), number(2, 1))
    var total = 0
    let named = Self.words.count > 3 ? Self.words[3] : ""
    for kernel in CoarseKernel.all where kernel.name.hasPrefix(named) {
      let run = try CoarseRun(
        kernel, size: .small, seed: UInt64(seed), limit: each, stops: false, rules: word == "rules")
      total += run.evidence.cases
      let convictions = run.evidence.convictions(among: 1).map(Report.sentence)
      let near = run.evidence.convictions(past: log(1e4)).map(Report.sentence)
      say(
        "HONEST \(kernel.name): \(run.evidence.cases) compared of \(run.cases), \(run.failures.count) failures, "
          + "convicted \(convictions), past 1e4: \(near)")
      for failure in run.failures.prefix(5) { say("  FAILURE \(failure)") }
    }
    say("HONEST total \(total)")
  }
}
