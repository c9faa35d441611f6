import Machine

/// How far from the hard end of an axis something holds.
package enum MapEdge: Hashable, Sendable, Codable {
  /// At every place.
  case everywhere
  /// From this value to the mild end, and not at the one before it.
  case from(Double)
  /// Not even at the mild end.
  case nowhere
}

/// One axis from its hard end to its mild one.
package struct MapLine: Hashable, Sendable, Codable {
  /// Which.
  package let axis: String
  /// Where it was looked at, the hardest first.
  package let cells: [MapCell]
  /// From where on all places agree.
  package let agrees: MapEdge
  /// From where on none is wrong.
  package let isNotWrong: MapEdge
  /// What that says, in a line.
  package let sentence: String
}

extension MapLine {
  /// Looks at the usual places, and then between those of which one holds and the other does not.
  ///
  /// - Parameter steps: at most so many for each edge.
  init(_ axis: MapAxis, from corner: MapPlace, _ usual: [MapCell], steps: Int, _ run: MapRun) throws {
    var cells = usual
    let agrees = try MapLine.edge(axis, corner, &cells, steps, run) { $0.agrees }
    let isNotWrong = try MapLine.edge(axis, corner, &cells, steps, run) { !$0.isWrong }
    self.init(
      axis: axis.rawValue, cells: cells, agrees: agrees, isNotWrong: isNotWrong,
      sentence: MapLine.sentence(axis, cells, agrees, isNotWrong))
  }

  /// Where the last place of which this does not hold ends, by bisection.
  private static func edge(
    _ axis: MapAxis, _ corner: MapPlace, _ cells: inout [MapCell], _ steps: Int, _ run: MapRun,
    _ holds: (MapCell) -> Bool
  ) throws -> MapEdge {
    guard let last = cells.lastIndex(where: { !holds($0) }) else { return .everywhere }
    guard last + 1 < cells.count else { return .nowhere }
    var index = last
    var step = 0
    while step < steps,
      let middle = axis.middle(axis.value(of: cells[index].place), axis.value(of: cells[index + 1].place))
    {
      let cell = try run.cell(axis.place(corner, at: middle))
      cells.insert(cell, at: index + 1)
      if !holds(cell) { index += 1 }
      step += 1
    }
    return .from(axis.value(of: cells[index + 1].place))
  }

  private static func sentence(
    _ axis: MapAxis, _ cells: [MapCell], _ agrees: MapEdge, _ isNotWrong: MapEdge
  ) -> String {
    guard cells.contains(where: \.isEvaluated) else { return "not evaluated" }
    let missing = cells.count { !$0.isEvaluated }
    let isDegraded = cells.contains { $0.grade == .degraded }
    var parts: [String] = []
    switch agrees {
    case .everywhere: parts.append("agrees everywhere")
    case .from(let value): parts.append("agrees \(axis.onwards(from: value))")
    case .nowhere where cells.allSatisfy({ $0.agrees || !$0.isEvaluated }):
      parts.append("agrees where evaluated")
    case .nowhere: parts.append(cells.contains(where: \.agrees) ? "agrees here and there" : "agrees nowhere")
    }
    switch isNotWrong {
    case .everywhere: parts.append(isDegraded ? "degraded \(axis.side)" : "")
    case .from(let value) where agrees == .from(value):
      parts.append("wrong \(here(cells, before: axis, value))\(axis.side)")
    case .from(let value):
      parts.append(
        "wrong \(here(cells, before: axis, value))\(axis.beyond(value))"
          + (isDegraded ? ", else degraded" : ""))
    case .nowhere: parts.append("wrong to the end")
    }
    if let note = vagueness(cells) { parts.append(note) }
    if missing > 0 { parts.append("\(missing) of \(counted(cells.count, "place")) not evaluated") }
    return parts.filter { !$0.isEmpty }.joined(separator: ", ")
  }

  /// `here and there ` where some place on the hard side of an edge is not wrong.
  private static func here(_ cells: [MapCell], before axis: MapAxis, _ edge: Double) -> String {
    let hard = cells.prefix { axis.value(of: $0.place) != edge }.filter(\.isEvaluated)
    return hard.allSatisfy(\.isWrong) ? "" : "here and there "
  }

  /// Where agreeing says little at every place that agrees.
  private static func vagueness(_ cells: [MapCell]) -> String? {
    let agreeing = cells.filter(\.agrees)
    return !agreeing.isEmpty && agreeing.allSatisfy(\.isUninformative) ? "where 1 % off would agree too" : nil
  }
}
