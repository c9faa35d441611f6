import Foundation
import GatedDeltaRule
import Generator
import Oracle

extension Command {
  /// Complete cross-checks a second of one core, by the size of the cases, and where their time goes.
  static func benchFuzz(in context: Context) throws -> ExitCode {
    let names = ["sequential", "checkpoint", "fused", "chunked"]
    let implementations = try names.map { name throws(UsageError) in try context.implementation(named: name) }
    var table = Table(
      [
        "one core, \(implementations.count) forms", "a second", "render", "forms", "reference and bound",
        "comparison", "properties",
      ])
    let sizes = try FuzzSize.all
    let progress = JobProgress("sizes", of: sizes.count)
    defer { progress.clear() }
    for size in sizes {
      progress.note(size.name)
      defer { progress.advance() }
      let share = try FuzzShare(of: size.recipes, implementations)
      table.add(
        ([size.name, String(format: "%.0f", share.rate)]
          + share.parts.map { part in
            String(format: "%.0f%%", 100 * part / share.total)
          }).map { Table.Cell($0) })
    }
    progress.clear()
    for line in table.lines(on: context.console) { context.console.say(line) }
    context.console.explain(
      "each case: every form in fp32 with all gradients, in Double and held to properties as in a run, reference, bound"
    )
    return .nothing
  }
}

/// Cases of one size.
private struct FuzzSize {
  let name: String
  let recipes: [Recipe]

  static var all: [FuzzSize] {
    get throws {
      let contents = [
        "keys=random/decay=random:-0.2:0/write=logits:-2:2/state=random/dstate=random/f32",
        "keys=random/decay=mixture:0.1:-200:-0.01/write=0.9/state=random/dstate=random/mask=left:5/f32",
        "keys=equal/decay=-0.1/write=0.5/dstate=random/f32",
        "model/keys=random/decay=input:-1:2/write=logits:-2:2/state=random/bf16",
      ]
      func sized(_ B: Int, _ T: Int, _ Hk: Int, _ Hv: Int, _ D: Int) throws -> [Recipe] {
        // Which properties a case draws follows from its text: so many that they are drawn as often as in a run.
        try (0..<60).flatMap { seed in
          try contents.map { try Recipe("v1/B\(B)-T\(T)-Hk\(Hk)-Hv\(Hv)-Dk\(D)-Dv\(D)/\($0)/seed=\(seed)") }
        }
      }
      func drawn(_ size: Profile.Size) -> [Recipe] {
        (0..<200).map { Recipe.draw(seed: 1, index: $0, profile: Profile(size: size)) }
      }
      return [
        FuzzSize(name: "drawn, --size small", recipes: drawn(.small)),
        FuzzSize(name: "B2 T33 Hk2 Hv4 Dk8 Dv8", recipes: try sized(2, 33, 2, 4, 8)),
        FuzzSize(name: "drawn, --size standard", recipes: drawn(.standard)),
        FuzzSize(name: "B1 T256 Hk2 Hv4 Dk64 Dv64", recipes: try sized(1, 256, 2, 4, 64)),
      ]
    }
  }
}

/// Where the time of some cases goes: each part is run apart, and the properties are the rest of the whole.
private struct FuzzShare {
  private(set) var rate = 0.0
  private(set) var total = 0.0
  /// Seconds of rendering, the forms, the reference and its bounds, comparison, properties.
  private(set) var parts: [Double] = []

  init(of recipes: [Recipe], _ implementations: [any Implementation]) throws {
    var (cases, rendering, forms, bounds, judging) = (0, 0.0, 0.0, 0.0, 0.0)
    let clock = ContinuousClock()
    func time(_ body: () throws -> Void) rethrows -> Double { try clock.measure(body) / .seconds(1) }
    while total < 1.5 {
      for recipe in recipes where total < 3 {
        var results: [CaseResult] = []
        total += try time {
          results = try EvaluatedCase(recipe, by: implementations, doubles: .drawn).results
        }
        cases += 1
        let doubles = Set(results.filter { !$0.judgement.doubleRatios.isEmpty }.map(\.implementation))
        var problem: Problem?
        rendering += try time { problem = try recipe.render() }
        guard let problem, !problem.needsDouble else { continue }
        let taking = implementations.filter { $0.refusal(of: problem) == nil }
        var answers: [(Evaluation, Evaluation?, Declaration)] = []
        forms += try time {
          for one in taking {
            answers.append(
              (
                try one.evaluate(problem, request: Request()),
                doubles.contains(one.name)
                  ? try one.evaluate(problem, request: Request(arithmetic: .double)) : nil,
                one.declaration(for: problem)
              ))
          }
        }
        let check = CrossCheck(problem)
        bounds += time { for one in taking { _ = check.bound(for: one.declaration(for: problem)) } }
        judging += time {
          for (working, double, declaration) in answers {
            _ = check.judge(evaluation: working, double: double, declaration: declaration)
          }
        }
      }
    }
    rate = Double(cases) / total
    parts = [rendering, forms, bounds, judging, max(0, total - rendering - forms - bounds - judging)]
  }
}
