import Generator
import Mutants

/// One mutant over all seeds.
struct MutantScore {
  let mutant: Mutant
  let trials: [MutantTrial]
  /// What the catches of the first seeds reduce to, and whether that recipe alone shows the fault.
  var forms: [(recipe: Recipe, isRepeatable: Bool)] = []
  /// That of the first seed.
  var reduced: (recipe: Recipe, isRepeatable: Bool)? { forms.first }
  /// How many recipes those of the seeds are; nil where nothing was reduced or a recipe alone does not show the fault.
  var normalForms: Int? {
    forms.isEmpty || !forms.allSatisfy(\.isRepeatable) ? nil : Set(forms.map(\.recipe)).count
  }

  init(_ mutant: Mutant, _ trials: [MutantTrial]) { (self.mutant, self.trials) = (mutant, trials) }

  /// Seeds it was caught from.
  var caught: Int { trials.count { $0.caught != nil } }

  /// Whether it was not caught from some seed.
  var escaped: Bool { caught < trials.count }

  /// What caught it, the commonest first.
  var tests: [String] {
    let counts = Dictionary(grouping: trials.compactMap(\.caught?.test)) { $0 }.mapValues(\.count)
    return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
  }

  /// Cases evaluated until it was caught, at this share of the seeds.
  func cases(at share: Double) -> Int { quantile(trials.map(\.cases), share) }

  /// Cases evaluated until it was caught, and processor seconds until then, over the seeds.
  var mean: (cases: Double, seconds: Double) {
    let count = Double(max(1, trials.count))
    return (
      Double(trials.reduce(0) { $0 + $1.cases }) / count,
      trials.reduce(0) { $0 + $1.elapsed / .seconds(1) } / count
    )
  }

  /// Processor seconds until then.
  func seconds(at share: Double) -> Double { quantile(trials.map { $0.elapsed / .seconds(1) }, share) }

  /// Seeds from which a usual test sees it on the same cases; nil where they are not asked.
  func seen(by test: UsualTest) -> Int? {
    mutant.isSeenInOneCall ? trials.count { $0.seenBy.contains(test) } : nil
  }
}

/// The smallest value that so large a share of the values does not pass.
func quantile<Value: Comparable>(_ values: [Value], _ share: Double) -> Value {
  let rank = (share * Double(values.count)).rounded(.up)
  return values.sorted()[max(0, Int(rank) - 1)]
}
