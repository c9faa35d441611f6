import Foundation
import Implementations
import Kernels
import Machine
import Oracle

extension Command {
  /// `gdr guard`: what to run before changing the solve.
  static let `guard` = Command(
    name: "guard", operands: "",
    summary: "where each solve of the chunked form is safe, and whether that changed",
    flags: [
      Flag("quick", summary: "only the guarded facts, in seconds"),
      Flag("wide", summary: "changes nothing: beta above 1 is always there"),
      Flag("to", "FOLDER", summary: "where guard.svg and guard.json go (not written)"),
    ]
  ) { arguments, context in
    try arguments.noOperands()
    let provenance = context.provenance
    guard let solve = Catalogue.chunkedForm(named: "chunked")?.solve else {
      throw UsageError.unknownImplementation("chunked", nearest: nil)
    }
    let extent: GuardSweep.Extent = arguments.has("quick") ? .quick : .full
    let cells = try GuardSweep(extent, default: solve).run()
    let facts = GuardFact.judge(cells, default: solve)
    let folder = arguments.value("to")
    // What is bare is shown in full only, and drawn always.
    let inversions = extent == .full || folder != nil ? try InversionSweep(extent).run() : nil
    if extent == .full {
      for line in GuardTable.lines(cells, on: context.console) { context.console.say(line) }
      context.console.explain(GuardTable.legend)
      context.console.say()
      for line in inversions.map({ InversionTable.lines($0, on: context.console) + [""] }) ?? [] {
        context.console.say(line)
      }
    }
    for fact in facts { report(fact, context) }
    if let folder {
      try write(
        GuardMap(facts: facts, cells: cells, inversions: inversions, provenance: provenance), to: folder,
        context)
    }
    return facts.allSatisfy(\.holds) ? .nothing : .changed
  }

  private static func report(_ fact: GuardFact, _ context: Context) {
    let word = fact.holds ? "holds" : context.console.styled("CHANGED", .red)
    context.console.say("\(word)  \(fact.claim): \(fact.measured)")
    if let cause = fact.cause { context.console.say("    \(cause)") }
  }

  private static func write(_ map: GuardMap, to folder: String, _ context: Context) throws {
    try AtomicFile.makeFolder(folder)
    try AtomicFile.write(try map.encoded(), to: "\(folder)/guard.json")
    let picture = GuardPicture.drawing(map).under(map.provenance?.lines ?? [])
    try AtomicFile.write(Data(picture.text.utf8), to: "\(folder)/guard.svg")
    context.console.say("\(folder)/guard.svg and guard.json are written")
  }
}
