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
      Flag("wide", summary: "beta above 1 as well"),
      Flag("to", "FOLDER", summary: "where guard.svg and guard.json go (not written)"),
    ]
  ) { arguments, context in
    try arguments.noOperands()
    guard let solve = Catalogue.chunkedForm(named: "chunked")?.solve else {
      throw UsageError.unknownImplementation("chunked", nearest: nil)
    }
    let extent: GuardSweep.Extent = arguments.has("quick") ? .quick : .full(isWide: arguments.has("wide"))
    let cells = try GuardSweep(extent, default: solve).run()
    let facts = GuardFact.judge(cells, default: solve)
    if extent != .quick {
      for line in GuardTable.lines(cells, on: context.console) { context.console.say(line) }
      context.console.say()
    }
    for fact in facts { report(fact, context) }
    if let folder = arguments.value("to") { try write(cells, facts, to: folder, context) }
    return facts.allSatisfy(\.holds) ? .nothing : .changed
  }

  private static func report(_ fact: GuardFact, _ context: Context) {
    let word = fact.holds ? "holds" : context.console.styled("CHANGED", .red)
    context.console.say("\(word)  \(fact.claim): \(fact.measured)")
    if let cause = fact.cause { context.console.say("    \(cause)") }
  }

  private static func write(
    _ cells: [GuardCell], _ facts: [GuardFact], to folder: String, _ context: Context
  ) throws {
    try AtomicFile.makeFolder(folder)
    try AtomicFile.write(try GuardMap(facts: facts, cells: cells).encoded(), to: "\(folder)/guard.json")
    try AtomicFile.write(Data(GuardPicture.svg(cells).utf8), to: "\(folder)/guard.svg")
    context.console.say("\(folder)/guard.svg and guard.json are written")
  }
}
