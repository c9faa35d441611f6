import Foundation
import GatedDeltaRule
import Generator
import Machine
import Mutants
import Oracle

extension Command {
  /// `gdr map`: where an implementation is accurate.
  static let map = Command(
    name: "map", operands: "[NAME]",
    summary: "where one implementation (chunked) agrees, is degraded or wrong",
    flags: [
      Flag("quick", summary: "few places, for what is slow"),
      Flag("wide", summary: "beta above 1 as well"),
      Flag("for", "60s", summary: "what is not begun by then is not evaluated (without end)"),
      Flag("cases", "N", summary: "cases of a place, the worst of which counts (2; 1 with --quick)"),
      Flag("seed", "S", summary: "the seed of the first case of a place (0)"),
      Flag("families", "Hk1-Hv2-Dk64-Dv64/bf16", summary: "heads, channels and format of the cases"),
      Flag("jobs", "N", summary: "threads (by default one a core)"),
      Flag("to", "FOLDER", summary: "where map.svg and map.json go (not written)"),
    ] + Flag.against + [.processes]
  ) { arguments, context in
    let provenance = context.provenance
    let deadline = Deadline()
    Interruption.watch(passing: deadline)
    if let duration = try arguments.duration("for") { deadline.set(.now + duration) }
    if let folder = arguments.value("to") { try AtomicFile.makeFolder(folder) }
    let context = try context.withWorkers(of: arguments, until: deadline)
    let implementation = try mapped(arguments, context)
    let extent = MapExtent(isQuick: arguments.has("quick"), isWide: arguments.has("wide"))
    let run = MapRun(
      implementation, try setting(arguments, implementation, extent),
      jobs: try arguments.jobs(), until: deadline)
    var sheet = try MapSheet(run, extent, in: context)
    sheet.provenance = provenance
    guard sheet.cells.contains(where: \.isEvaluated) else {
      let reason = sheet.cells.first?.reason ?? "no reason"
      context.console.complain("nothing was evaluated of \(implementation.name): \(reason)")
      return .badFile
    }
    for line in MapTable.lines(sheet, on: context.console) + sheet.notes { context.console.say(line) }
    if let folder = arguments.value("to") {
      try AtomicFile.write(try sheet.encoded(), to: "\(folder)/map.json")
      try AtomicFile.write(
        Data(MapPicture.drawing(sheet).under(provenance.lines).text.utf8), to: "\(folder)/map.svg")
      context.console.say("\(folder)/map.svg and map.json are written")
    }
    return Interruption.isRequested ? .interrupted : .nothing
  }

  /// Who is asked: by its name, or else the worker that there is.
  private static func mapped(
    _ arguments: Arguments, _ context: Context
  ) throws(UsageError) -> any Implementation {
    let standard = context.workers.isEmpty ? "chunked" : context.workers.count == 1 ? context.workers[0] : nil
    let name =
      if arguments.operands.isEmpty, let standard { standard } else { try arguments.onlyOperand("NAME") }
    if !context.workers.isEmpty, !context.workers.contains(name) {
      throw .notAWorkerHere(name, workers: context.workers)
    }
    if let mutant = Mutant.named(name) { return mutant.implementation() }
    return try context.implementation(named: name)
  }

  private static func setting(
    _ arguments: Arguments, _ implementation: any Implementation, _ extent: MapExtent
  ) throws -> MapSetting {
    var setting = MapSetting()
    setting.cases = try arguments.integer("cases", in: 1...100) ?? (extent.isQuick ? 1 : setting.cases)
    setting.seed = try arguments.seed() ?? setting.seed
    setting.contract = try arguments.contract() ?? implementation.declaration.contract ?? .plain
    let families = try families(arguments)
    if families.count > 1 {
      throw UsageError.severalFamilies(arguments.value("families") ?? "")
    }
    if let family = families.first {
      (setting.Hk, setting.Hv, setting.Dk, setting.Dv) = (family.Hk, family.Hv, family.Dk, family.Dv)
      setting.precision = family.precision
    }
    return setting
  }
}

extension MapSheet {
  /// Looks for the T that matters, then along every axis from there, then at the planes.
  fileprivate init(_ run: MapRun, _ extent: MapExtent, in context: Context) throws {
    let lengths = MapAxis.tokens.values(extent).map { MapPlace(T: Int($0)) }
    var scan = try run.cells(lengths, "length")
    while scan.allSatisfy({ $0.grade == .refused }), run.changeKind() {
      scan = try run.cells(lengths, "length")
    }
    let corner = MapSheet.hardest(scan)
    let usual = try MapAxis.allCases.map { axis in
      (axis, try run.cells(axis.valuesAlone(extent).map { axis.place(corner, at: $0) }, axis.text))
    }
    let progress = JobProgress("\(run.implementation.name), edges of axes", of: usual.count)
    defer { progress.clear() }
    let lines = try inParallel(usual) { axis, cells in
      defer { progress.advance() }
      return try MapLine(axis, from: corner, cells, steps: extent.isQuick ? 5 : 8, run)
    }
    progress.clear()
    let planes = try MapExtent.planes.map { rows, columns in
      try MapPlane(rows, columns, from: corner, extent, run)
    }
    let (setting, name) = (run.setting, run.implementation.name)
    self.init(
      implementation: name, command: context.command(of: name), law: context.law(of: name),
      level: setting.level.rawValue, hasChannels: setting.decayKind == .perChannel ? true : nil,
      sizes: setting.sizes, contract: "\(setting.contract)",
      seed: setting.seed,
      cases: setting.cases, corner: corner, lines: lines, planes: planes)
  }

  /// Where the verdict is worst and the error largest; where all agree, the most tokens.
  private static func hardest(_ scan: [MapCell]) -> MapPlace {
    let evaluated = scan.filter(\.isEvaluated)
    let worst = evaluated.compactMap(\.grade).max()
    let candidates = evaluated.filter { $0.grade == worst }
    if worst == .agrees { return candidates[0].place }
    return candidates.max { ($0.error ?? .infinity) < ($1.error ?? .infinity) }?.place ?? scan[0].place
  }
}

extension MapPlane {
  fileprivate init(
    _ rows: MapAxis, _ columns: MapAxis, from corner: MapPlace, _ extent: MapExtent, _ run: MapRun
  ) throws {
    let (down, right) = (rows.values(extent), columns.values(extent))
    let places = down.flatMap { row in
      right.map { columns.place(rows.place(corner, at: row), at: $0) }
    }
    let cells = try run.cells(places, "\(rows.text) x \(columns.text)")
    self.init(
      rows: rows.rawValue, columns: columns.rawValue, rowValues: down, columnValues: right,
      cells: down.indices.map { Array(cells[$0 * right.count..<($0 + 1) * right.count]) })
  }
}
