import Generator
import Mutants
import Oracle

/// A kernel in bf16 on the cases of one seed, a third of them exact, until something shows its fault: a case by itself,
/// or the evidence of all so far.
struct CoarseTrial {
  /// Which test; nil if none did.
  private(set) var test: String?
  /// Cases evaluated, the one that showed it included.
  private(set) var cases = 0
  /// Cases after which a fault counts as not caught.
  static let limit = 100

  init(_ kernel: InBF16, needs: Mutant.Needs, seed: UInt64) throws {
    var profile = needs == .size ? Profile.standard : .small
    profile.exactShare = profile.exactShare(against: [kernel])
    var evidence = RunEvidence()
    while cases < CoarseTrial.limit, test == nil {
      let recipe = Recipe.draw(seed: seed, index: UInt64(cases), profile: profile)
      let result = try CrossCheck(recipe).judge(kernel, properties: .drawn, weighsEvidence: true)
      cases += 1
      if let more = result.evidence { evidence.add(more, at: cases) }
      test =
        if result.failure != nil { MutantTrial.test(result) } else if !evidence.convictions(among: 1).isEmpty
        { "evidence" } else { nil }
    }
  }
}

/// One mutant in bf16 over all seeds.
struct CoarseScore {
  let mutant: Mutant
  private let trials: [CoarseTrial]

  init(_ mutant: Mutant, _ trials: [CoarseTrial]) { (self.mutant, self.trials) = (mutant, trials) }

  /// Seeds it was caught from.
  var caught: Int { trials.count { $0.test != nil } }
  /// What caught it, one for every seed that it was caught from.
  var tests: [String] { trials.compactMap(\.test) }
  /// Cases evaluated until it was caught, at this share of the seeds.
  func cases(at share: Double) -> Int { quantile(trials.map(\.cases), share) }
}
