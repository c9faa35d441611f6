import GatedDeltaRule
import Generator
import Machine
import Mutants
import Oracle

extension Mutant {
  /// Whether one call can show it: the usual tests, and kernels in bf16, know no others.
  var isSeenInOneCall: Bool { needs != .sessions }
}

extension Profile {
  /// Small cases in which something is rounded: what the bound, fp64 and the properties see of a fault.
  static let rounding = Profile.small.withoutExactCases

  /// Cases that have what a mutant needs to show.
  static func showing(_ needs: Mutant.Needs) -> Profile {
    switch needs {
    case .nothing: return rounding
    case .size: return Profile.standard.withoutExactCases
    case .exactness:
      var exact = Profile.small
      exact.exactShare = 1
      return exact
    case .sessions:
      var sessions = rounding
      sessions.sessionShare = 1
      return sessions
    }
  }
}

/// One mutant judged on the cases of one seed, as a run judges them, until it is caught.
struct MutantTrial {
  /// What it was caught by.
  struct Catch {
    let recipe: Recipe
    let result: CaseResult
    /// Which test: the bound, the run in fp64, a case without rounding, a property.
    let test: String
  }

  /// Nil if it was not caught.
  private(set) var caught: Catch?
  /// Cases evaluated, the one that it was caught on included.
  private(set) var cases = 0
  /// The processor time that judging took, the reference included.
  private(set) var elapsed = Duration.zero
  /// The usual tests that fail the mutant on one of these cases, and pass the clean specimen on it.
  private(set) var seenBy: Set<UsualTest> = []

  /// - Parameter limit: cases after which a mutant counts as not caught.
  init(_ mutant: Mutant, seed: UInt64, limit: Int) throws {
    let implementation = mutant.implementation()
    while cases < limit && caught == nil {
      let recipe = Recipe.draw(seed: seed, index: UInt64(cases), profile: .showing(mutant.needs))
      cases += 1
      let start = ProcessorTime.ofThread
      let check = try CrossCheck(recipe)
      let result = check.judge(implementation, properties: .drawn, doubles: .drawn)
      elapsed += ProcessorTime.ofThread - start
      if mutant.isSeenInOneCall { try ask(result.evaluation, of: mutant, on: check.problem) }
      guard result.failure != nil else { continue }
      caught = Catch(recipe: recipe, result: result, test: MutantTrial.test(result))
    }
  }

  /// What the usual tests say. An error that no test has to do with, a crash, they see like anybody.
  private mutating func ask(_ answer: Evaluation?, of mutant: Mutant, on problem: Problem) throws {
    let open = UsualTest.allCases.filter { !seenBy.contains($0) }
    guard !open.isEmpty, mutant.clean.refusal(of: problem) == nil else { return }
    guard let answer else {
      seenBy = Set(UsualTest.allCases)
      return
    }
    let tests = UsualTests(problem)
    let failed = open.filter { tests.fails(answer, mutant.clean.declaration, $0) }
    guard !failed.isEmpty else { return }
    let honest = try mutant.clean.evaluate(problem, request: Request())
    seenBy.formUnion(failed.filter { !tests.fails(honest, mutant.clean.declaration, $0) })
  }

  /// The test that a result fails.
  static func test(_ result: CaseResult) -> String {
    switch result.judgement.verdict {
    case .failed: return "failed"
    case .memory: return "memory"
    case .disagrees(let disagreement) where disagreement.cause == .nonFinite: return "not finite"
    case .disagrees(let disagreement):
      switch disagreement.test {
      case .bound: return "bound"
      case .double: return "fp64"
      case .mask: return "mask"
      case .exact: return "exact"
      case .twin: return "twin"
      }
    case .agrees, .degraded, .refused:
      return result.brokenProperty.map { $0.name == "repeated" ? "determinism" : $0.name } ?? ""
    }
  }

  /// The simplest recipe on which a fresh mutant fails as it did here; the recipe itself, and false, where it takes the
  /// cases before it too.
  func reduced(_ mutant: Mutant) -> (recipe: Recipe, isRepeatable: Bool)? {
    guard let caught else { return nil }
    let failure = caught.result.failure
    func judge(_ recipe: Recipe) -> CaseResult? {
      try? CrossCheck(recipe).judge(mutant.implementation(), properties: .like(failure))
    }
    guard let check = try? CrossCheck(caught.recipe) else { return nil }
    let fresh = mutant.implementation()
    let again = check.judge(fresh, properties: .like(failure))
    guard let found = again.failure, failure?.isShown(by: found) == true else {
      return (caught.recipe, false)
    }
    let reduced = Shrinker().shrink(
      caught.recipe, caught.result, underlying: again.underlying(of: fresh, on: check), judge: judge)
    return (reduced.0.recipe, true)
  }
}
