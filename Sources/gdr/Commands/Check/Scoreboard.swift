import GatedDeltaRule
import Oracle

/// The scores of several implementations in the order in which they first appeared.
package struct Scoreboard: Sendable {
  /// What being wrong means for the run.
  package enum Role: String, Sendable {
    /// A finding.
    case tested = ""
    /// Expected: it is known to fail, and shows that the detector works.
    case control = " (control)"
    /// Worth seeing: a fragile algorithm of a library, on a case made to break it.
    case shown = " (shown)"
  }

  /// One implementation in one role.
  package struct Row: Sendable {
    let name: String
    let role: Role
    var score = Score()

    var title: String { name + role.rawValue }
  }

  package private(set) var rows: [Row] = []

  package init() {}

  /// Adds a result to the row of this name.
  ///
  /// - Parameters:
  ///   - hint: what it may be where it is wrong.
  ///   - pattern: which elements are off, in lines.
  package mutating func add(
    _ result: CaseResult, to name: String, as role: Role, on path: String, hint: String? = nil,
    pattern: [String] = []
  ) {
    let index = rows.firstIndex { $0.name == name && $0.role == role } ?? rows.count
    if index == rows.count { rows.append(Row(name: name, role: role)) }
    rows[index].score.add(result, on: path, hint: hint, pattern: pattern)
  }

  /// Whether any implementation under test is wrong.
  package var hasFindings: Bool { rows.contains { $0.role == .tested && !$0.score.findings.isEmpty } }

  /// The table, then refusals with their reasons, then what is wrong where.
  package func lines(on console: Console) -> [String] {
    let grades = Grade.allCases.filter { grade in rows.contains { $0.score.counts[grade] != nil } }
    let quantities = Quantity.allCases.filter { quantity in rows.contains { $0.score.worst[quantity] != nil }
    }
    var table = Table(["error / bound"] + quantities.map(\.rawValue) + grades.map(\.rawValue))
    for row in rows {
      let ratios = quantities.map { quantity -> Table.Cell in
        guard let ratio = row.score.worst[quantity] else { return .init("-", .dim) }
        return .init(short(ratio), ratio <= 1 ? nil : row.role == .tested ? .red : .yellow)
      }
      let counts = grades.map { Table.Cell(String(row.score.counts[$0] ?? 0)) }
      table.add([Table.Cell(row.title)] + ratios + counts)
    }
    return table.blocks(on: console) + notes
  }

  private var notes: [String] {
    let refusals = rows.flatMap { row in
      row.score.refusals.sorted { $0.key < $1.key }.map { "\(row.name) refused \($0.value): \($0.key)" }
    }
    let findings = rows.flatMap { row in
      row.score.findings.flatMap { ["\(row.title) on \($0[0])"] + $0.dropFirst() }
    }
    return (refusals.isEmpty ? [] : [""] + refusals) + (findings.isEmpty ? [] : [""] + findings)
  }
}
