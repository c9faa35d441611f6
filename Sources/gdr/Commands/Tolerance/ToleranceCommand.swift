import Foreign
import Foundation
import GatedDeltaRule
import Generator
import Oracle

extension Command {
  /// `gdr tolerance --shape B1-T128-Hk1-Hv2-Dk64-Dv64 --as chunked:64,products:bf16`.
  static let tolerance = Command(
    name: "tolerance", operands: "",
    summary: "limits for a test of your own, as Python: what honest kernels stay within",
    flags: [
      Flag("shape", "B1-T128-Hk1-Hv2-Dk64-Dv64", isRequired: true, summary: "of the inputs of that test"),
      Flag("as", "LAW", summary: "form and formats of the kernel: chunked:64,products:bf16 (plain)"),
      Flag("inputs", "f32|bf16|f16", summary: "the format of q, k, v and beta (f32)"),
      Flag("cases", "N", summary: "inputs that are drawn; half of them set the limits (40)"),
      Flag("seed", "S", summary: "of the first of them (1)"),
    ]
  ) { arguments, context in
    try arguments.noOperands()
    let sheet = try ToleranceSheet(arguments, context)
    context.console.give(sheet.text)
    return .nothing
  }
}

/// Limits, and what they are worth.
private struct ToleranceSheet {
  private let command: String
  /// The recipe of the first inputs.
  private let first: String
  private let tolerance: Tolerance
  /// Known faults that stay within every limit, of those that could be asked.
  private let missed: [String], asked: Int

  /// Cases on which known faults are tried.
  private static let tried = 3

  init(_ arguments: Arguments, _ context: Context) throws {
    let shape = try arguments.required("shape", "B1-T128-Hk1-Hv2-Dk64-Dv64")
    let inputs = try arguments.value("inputs").map { text throws(UsageError) in
      try Arguments.format(text, of: "inputs")
    }
    let count = try arguments.integer("cases", in: 4...100_000) ?? 40
    let seed = try arguments.seed() ?? 1
    let law = try arguments.law()
    let judged = try context.implementation(named: "sequential")
    let recipes = try (0..<count).map { n in
      try ToleranceSheet.recipe(shape, inputs ?? .fp32, seed: seed &+ UInt64(n))
    }
    first = recipes[0].text
    let problem = try recipes[0].render()
    if let reason = MemoryNeed(judging: judged, on: problem.shape, threads: 1).refusal {
      throw BadFile(path: "--shape \(shape)", reason: reason)
    }
    let declaration = (law.map { UnderLaw(judged, $0) } ?? judged).declaration(for: problem)
    let honest = JobProgress("honest evaluations", of: count)
    tolerance = try Tolerance(recipes, declaration) { honest.advance() }
    honest.clear()
    let faults = JobProgress("known faults", of: KnownFault.all.count)
    let verdicts = try inParallel(KnownFault.all) { [tolerance] fault in
      let checks = try recipes.prefix(ToleranceSheet.tried).map { try CrossCheck($0) }
      defer { faults.advance() }
      return tolerance.misses(fault, on: checks)
    }
    faults.clear()
    missed = zip(KnownFault.all, verdicts).filter { $1 == true }.map(\.0.name)
    asked = verdicts.count { $0 != nil }
    command =
      (["gdr tolerance --shape \(shape)"]
      + ["as", "inputs"].compactMap { flag in arguments.value(flag).map { "--\(flag) \($0)" } }
      + ["--cases \(count) --seed \(seed)"]).joined(separator: " ")
  }

  /// Inputs as a test draws them: random unit keys, a decay and a write strength in the middle, everything given.
  private static func recipe(_ shape: String, _ inputs: Precision, seed: UInt64) throws -> Recipe {
    var recipe = try Recipe(
      "v1/\(shape)/keys=random/decay=-0.1/write=0.5/state=random/dstate=random/f32/seed=\(seed)")
    recipe.precision = inputs
    return recipe
  }

  var text: String {
    let limits = Quantity.allCases.compactMap { quantity in
      tolerance.limits[quantity].map { errors in
        let numbers = [errors.absolute, errors.relative, errors.rms].map { String(format: "%.2e", $0) }
        return "    \"\(quantity.rawValue)\": (\(numbers.joined(separator: ", "))),"
      }
    }
    let share = asked > 0 ? Report.number(100 * Double(missed.count) / Double(asked)) : "0"
    let names =
      missed.isEmpty
      ? [] : ["# these: " + missed.prefix(6).joined(separator: ", ") + (missed.count > 6 ? ", ..." : "")]
    return
      ([
        "# \(command)",
        "# false alarms: \(tolerance.falseAlarms) of \(tolerance.honest) honest evaluations that set no limit are past one",
        "# missed: \(missed.count) of \(asked) known faults (\(share)%) stay within all of them on \(ToleranceSheet.tried) such inputs",
      ] + names + [
        "# inputs: gdr export \(first) --to case.safetensors, and the seeds after it; gdr fuzz draws the others",
        "LIMITS = {", "    # result: (max |error|, max |error| / max |expected|, rms error / rms expected)",
      ] + limits + [
        "}", "", "", "def check(name, found, expected):",
        "    \"\"\"Numpy arrays in float64. A NaN is no number within a limit.\"\"\"",
        "    def part(error, size):",
        "        # No error is none where all that is expected is 0.",
        "        return 0.0 if error == 0 else error / size if size > 0 else float(\"inf\")",
        "",
        "    error, size = abs(found - expected), abs(expected)",
        "    rms = part((error**2).mean() ** 0.5, (size**2).mean() ** 0.5)",
        "    sizes = (error.max(), part(error.max(), size.max()), rms)",
        "    for size, limit in zip(sizes, LIMITS[name]):",
        "        assert size <= limit, f\"{name}: {size:.3g} is past {limit:.3g}\"",
      ]).joined(separator: "\n")
  }
}
