import Foundation
import Machine
import Oracle

extension Command {
  /// `gdr claims`: published numbers, computed again.
  static let claims = Command(
    name: "claims", operands: "", summary: "the published numbers, and how they come out here",
    flags: [
      Flag("quick", summary: "without those that take long"),
      Flag("only", "NAMES", words: Claim.all.map(\.name), summary: "these rows, separated by commas"),
      Flag("to", "FILE.md", summary: "where the table goes besides"),
    ]
  ) { arguments, context in
    try arguments.noOperands()
    let claims = try chosen(arguments)
    var results: [Claim.Result] = []
    let progress = JobProgress("claims", of: claims.count)
    defer { progress.clear() }
    for claim in claims {
      progress.note(claim.name)
      let result = try claim.measure()
      results.append(result)
      progress.advance()
      progress.hide()
      for line in lines(claim, result, on: context.console) { context.console.say(line) }
    }
    let counts = Claim.Verdict.allCases.map { verdict in
      "\(results.filter { $0.verdict == verdict }.count) \(verdict.rawValue)"
    }
    context.console.say()
    context.console.say("\(counted(claims.count, "claim")): \(counts.joined(separator: ", "))")
    if let path = arguments.value("to") {
      try AtomicFile.write(Data(markdown(claims, results).utf8), to: path)
    }
    return .nothing
  }

  private static func lines(_ claim: Claim, _ result: Claim.Result, on console: Console) -> [String] {
    let style: Console.Style? = result.verdict == .fails ? .red : result.verdict == .inKind ? .yellow : nil
    return [
      console.styled(claim.text, .bold),
      "    \(claim.source): \(claim.published)",
      "    here: \(result.ours)   "
        + console.styled(result.verdict.rawValue, style),
      "    \(claim.command)",
    ] + (result.recipe.map { ["    gdr replay \($0)"] } ?? [])
  }

  private static func markdown(_ claims: [Claim], _ results: [Claim.Result]) -> String {
    let rows = zip(claims, results).map { claim, result in
      [
        claim.text, claim.source, claim.published, result.ours, result.verdict.rawValue,
        "`\(claim.command)`" + (result.recipe.map { "<br>`\($0)`" } ?? ""),
      ]
    }
    let head = ["claim", "source", "published", "here", "verdict", "shown by"]
    let lines = [head, head.map { _ in "---" }] + rows.map { $0.map { $0.replacing("|", with: "\\|") } }
    return lines.map { "| " + $0.joined(separator: " | ") + " |\n" }.joined()
  }

  private static func chosen(_ arguments: Arguments) throws(UsageError) -> [Claim] {
    guard let names = arguments.value("only") else {
      return Claim.all.filter { $0.isQuick || !arguments.has("quick") }
    }
    var chosen: [Claim] = []
    for name in names.split(separator: ",").map(String.init) {
      guard let claim = Claim.all.first(where: { $0.name == name }) else {
        throw .unknownClaim(name, nearest: nearest(to: name, in: Claim.all.map(\.name)))
      }
      chosen.append(claim)
    }
    return chosen
  }
}
