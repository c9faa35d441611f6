import Foundation
import GatedDeltaRule
import Machine
import Mutants

/// What a run over mutants came to, for a person and as CSV.
struct MutantReport {
  let scores: [MutantScore]
  let clean: [CleanTrial]
  let excused: [ExcusedTrial]
  /// Nil where they were not run so.
  let coarse: CoarseTable?
  let seeds: Int
  /// Seeds whose catches are reduced.
  static let reducedSeeds = 5

  /// Every mutant is caught, and no clean specimen fails.
  var isHealthy: Bool {
    !scores.contains(where: \.escaped) && clean.allSatisfy(\.falseAlarms.isEmpty)
      && coarse?.falseAlarms.isEmpty != false
  }

  // MARK: text

  func lines(on console: Console) -> [String] {
    mutants(on: console) + [""] + classes(on: console) + [""] + falseAlarms(on: console) + [""]
      + (coarse.map { $0.lines(on: console) + [""] } ?? []) + excused.map(\.text) + summary
  }

  private func mutants(on console: Console) -> [String] {
    var table = Table(
      ["mutant", "caught", "by", "cases", "90 %", "s"] + UsualTest.allCases.map(\.rawValue))
    for score in scores {
      table.add(
        [
          .init(score.mutant.name), .init("\(score.caught)/\(seeds)", score.escaped ? .red : nil),
          .init(score.tests.first ?? ""), .init("\(score.cases(at: 0.5))"), .init("\(score.cases(at: 0.9))"),
          .init(short(score.seconds(at: 0.5))),
        ] + UsualTest.allCases.map { test in .init(score.seen(by: test).map { "\($0)/\(seeds)" } ?? "-") })
    }
    let lines = table.lines(on: console)
    let below: [[String]] = zip(lines.dropFirst(), scores).map { line, score in
      let fault = "    \(score.mutant.fault) (\(score.mutant.model))"
      guard let reduced = score.reduced else { return [line, fault] }
      let remark = reduced.isRepeatable ? "" : " (after the cases before it)"
      return [line, fault, "    " + reduced.recipe.text + remark]
    }
    return [lines[0]] + below.joined()
  }

  private func classes(on console: Console) -> [String] {
    var table = Table(["class", "mutants", "caught", "cases", "s"] + UsualTest.allCases.map(\.rawValue))
    func add(_ name: String, _ scores: [MutantScore]) {
      guard !scores.isEmpty else { return }
      let trials = scores.count * seeds
      table.add(
        [
          .init(name), .init("\(scores.count)"), .init(percent(scores.map(\.caught), of: trials)),
          .init("\(quantile(scores.map { $0.cases(at: 0.5) }, 0.5))"),
          .init(short(quantile(scores.map { $0.seconds(at: 0.5) }, 0.5))),
        ]
          + UsualTest.allCases.map { test in
            let seen = scores.compactMap { $0.seen(by: test) }
            return .init(seen.isEmpty ? "-" : percent(seen, of: seen.count * seeds))
          })
    }
    for kind in Mutant.Kind.allCases { add(kind.rawValue, scores.filter { $0.mutant.kind == kind }) }
    add("all", scores)
    return table.lines(on: console)
  }

  /// What every test says of the clean specimens.
  private func falseAlarms(on console: Console) -> [String] {
    var table = Table(["clean specimen", "cases", "fails"] + UsualTest.allCases.map(\.rawValue))
    for specimen in Mutant.clean {
      let trials = clean.filter { $0.specimen.name == specimen.name }
      let cases = trials.reduce(0) { $0 + $1.cases }
      guard cases > 0 else { continue }
      let count = trials.reduce(0) { $0 + $1.falseAlarms.count }
      table.add(
        [.init(specimen.name), .init("\(cases)"), .init("\(count)", count > 0 ? .red : nil)]
          + UsualTest.allCases.map { test in
            specimen is EngineSpecimen
              ? .init("-") : .init(percent(trials.map { $0.alarms[test] ?? 0 }, of: cases))
          })
    }
    return table.lines(on: console)
      + clean.flatMap { trial in
        trial.falseAlarms.map {
          "clean, but fails: \(trial.specimen.name), \($0.kind), on \($0.recipe.text)"
        }
      }
  }

  private var summary: [String] {
    let seconds = scores.map { $0.seconds(at: 0.5) }
    let escaped = scores.filter(\.escaped).map(\.mutant.name)
    let fast = seconds.count { $0 <= 2 }
    return normalForms + [
      sum,
      "\(scores.count - escaped.count) of \(counted(scores.count, "mutant")) caught from each of \(counted(seeds, "seed")), "
        + "\(fast) within 2 s (median seed), the slowest in \(short(seconds.max() ?? 0)) s",
    ] + (escaped.isEmpty ? [] : ["not caught: \(escaped.joined(separator: ", "))"])
  }

  /// What a trade between the cost of a case and what it sees must lower.
  private var sum: String {
    let means = scores.map(\.mean)
    let cases = means.reduce(0) { $0 + $1.cases }
    let seconds = means.reduce(0) { $0 + $1.seconds }
    return "until each is caught once (mean of the seeds): \(Int(cases.rounded())) cases, "
      + "\(String(format: "%.2f", seconds)) s of processor time"
  }

  /// How often the catches of several seeds reduce to the same line.
  private var normalForms: [String] {
    let forms = scores.compactMap(\.normalForms)
    guard !forms.isEmpty, seeds > 1 else { return [] }
    let one = forms.count { $0 == 1 }
    let two = forms.count { $0 == 2 }
    return [
      "the catches of \(min(seeds, MutantReport.reducedSeeds)) seeds reduce to one line for \(one) of \(forms.count) "
        + "mutants, to two for \(two), to more for \(forms.count - one - two)"
    ]
  }

  private func percent(_ parts: [Int], of whole: Int) -> String {
    let share = Double(parts.reduce(0, +)) / Double(max(1, whole)) * 100
    return share == share.rounded() ? "\(Int(share)) %" : String(format: "%.1f %%", share)
  }

  // MARK: CSV

  /// One row for every mutant, after a row of names. Seconds apart, the same for any number of jobs.
  var csv: String {
    let head = [
      "mutant", "class", "fault", "model", "seeds", "caught", "by", "cases_median", "cases_p90",
      "seconds_median",
      "seconds_p90", "allclose", "fla_rmse", "flash_attention", "recipe", "recipe_alone",
      "bf16_seeds", "bf16_caught", "bf16_by", "bf16_cases_median", "recipes",
    ]
    let rows = scores.map { score -> [String] in
      [
        score.mutant.name, score.mutant.kind.rawValue, score.mutant.fault, score.mutant.model, "\(seeds)",
        "\(score.caught)", score.tests.joined(separator: " "), "\(score.cases(at: 0.5))",
        "\(score.cases(at: 0.9))", String(format: "%.4f", score.seconds(at: 0.5)),
        String(format: "%.4f", score.seconds(at: 0.9)),
      ] + UsualTest.allCases.map { score.seen(by: $0).map { "\($0)" } ?? "" } + [
        score.reduced?.recipe.text ?? "", score.reduced.map { $0.isRepeatable ? "yes" : "no" } ?? "",
      ] + coarseCells(of: score.mutant)
        + [Set(score.forms.map(\.recipe.text)).sorted().joined(separator: " ")]
    }
    return ([head] + rows).map { $0.map(MutantReport.quoted).joined(separator: ",") + "\n" }.joined()
  }

  private func coarseCells(of mutant: Mutant) -> [String] {
    guard let coarse, let score = coarse.scores.first(where: { $0.mutant.name == mutant.name }) else {
      return ["", "", "", ""]
    }
    return [
      "\(coarse.seeds)", "\(score.caught)", Set(score.tests).sorted().joined(separator: " "),
      "\(score.cases(at: 0.5))",
    ]
  }

  private static func quoted(_ field: String) -> String {
    guard field.contains(where: { ",\"\n".contains($0) }) else { return field }
    return "\"" + field.replacing("\"", with: "\"\"") + "\""
  }
}
