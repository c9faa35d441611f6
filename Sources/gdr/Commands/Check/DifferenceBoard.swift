import GatedDeltaRule
import Oracle

/// The worst difference of each implementation from what each library recorded: the largest difference over the largest
/// element. The gradient by g counts as one by log g, as in `RelativeError`.
struct DifferenceBoard {
  private struct Row {
    let library: String
    let name: String
    var files = 0
    var worst: [Quantity: Double] = [:]
  }

  private var rows: [Row] = []

  /// Compares on one case, if the library is one to be held to and computed in fp32 or fp64: in fp64 with those
  /// that run in fp64. An implementation whose declared clamp is at work computes another function there, and
  /// is left out.
  mutating func add(_ implementation: any Implementation, on file: CaseFile) {
    let precision = file.problem.primals.q.precision
    let isDouble = precision == .fp64
    guard file.recorded.isJudged, !file.recorded.evaluation.results.isEmpty else { return }
    guard precision == .fp32 || (isDouble && implementation.declaration.offersDouble) else { return }
    guard implementation.refusal(of: file.problem) == nil else { return }
    guard !CrossCheck(file.problem).isHeld(by: implementation.declaration.clamp) else { return }
    let request = Request(arithmetic: isDouble ? .double : .working)
    guard let answer = try? implementation.evaluate(file.problem, request: request) else { return }
    let kind = file.recorded.danger == nil ? "" : ", hard cases"
    // A state in 16 bits is rounded by one of the two and not by the other.
    let state = file.problem.contract.state
    let states = state == .fp32 ? "" : ", states in \(state.rawValue)"
    let library = "\(file.recorded.name) \(precision.rawValue)\(states)\(kind)"
    let known = rows.firstIndex { $0.library == library && $0.name == implementation.name }
    let index = known ?? rows.count
    if known == nil { rows.append(Row(library: library, name: implementation.name)) }
    rows[index].files += 1
    for (quantity, theirs) in file.recorded.evaluation.results {
      guard let ours = answer[quantity] else { continue }
      let difference = RelativeError(of: ours, from: theirs, quantity, on: file.problem, isLogarithmic: true)
      rows[index].worst[quantity] = worse(rows[index].worst[quantity] ?? 0, difference.ofLargest)
    }
  }

  /// The table, library by library.
  func lines(on console: Console) -> [String] {
    guard !rows.isEmpty else { return [] }
    let quantities = Quantity.allCases.filter { quantity in rows.contains { $0.worst[quantity] != nil } }
    let heads = quantities.map { $0 == .dg ? "g*dg" : $0.rawValue }
    var table = Table(["difference / largest"] + heads + ["files"])
    for library in Set(rows.map(\.library)).sorted() {
      table.add([.init(library, .bold)])
      for row in rows where row.library == library {
        let cells = quantities.map { quantity in
          row.worst[quantity].map { Table.Cell(short($0)) } ?? Table.Cell("-", .dim)
        }
        table.add([.init("  " + row.name)] + cells + [.init(String(row.files))])
      }
    }
    return table.blocks(on: console)
  }
}
