import GatedDeltaRule
import Machine
import Oracle

/// The smallest faults that are found, for a person and as CSV.
enum PowerTable {
  /// In 80 columns.
  static func lines(_ result: PowerResult, on console: Console) -> [String] {
    let power = result.power
    var table = Table(
      ["result"]
        + PowerColumn.table.flatMap { _ in FaultExtent.allCases.map { $0 == .element ? "one" : $0.rawValue } }
    )
    for quantity in power.quantities {
      table.add(
        [.init(name(quantity))]
          + PowerColumn.table.flatMap { column in
            FaultExtent.allCases.map { .init(text(result.sensitivity(quantity, $0, column))) }
          })
    }
    return [
      "\(result.setting.inputs.rawValue), \(result.setting.form): a case; a run of 200; a run of 2,000 "
        + "(of \(counted(power.count, "case")))"
    ] + table.lines(on: console) + exactly(result) + [finders(result)]
  }

  /// What the table means.
  static let legend = [
    "The smallest f that is found where a part of a result is 1 + f times what it",
    "should be: one element, one row of its last dimension, all of it. No run in",
    "fp64, which shows a wrong formula 2^29 times as small. A case: half of those",
    "in which something is rounded. A run: every second one, of so many cases that",
    "have the result; evidence is extrapolated from the sample's. -: none is.",
  ]

  /// Short names: nine columns of numbers stand beside them.
  static func name(_ quantity: Quantity) -> String {
    switch quantity {
    case .stateOut: "state"
    case .dstateIn: "dstate"
    default: quantity.rawValue
    }
  }

  private static func text(_ sensitivity: Sensitivity?) -> String {
    guard let sensitivity, sensitivity.fault.isFinite else { return "-" }
    return short(sensitivity.fault)
  }

  /// The range over results of what cases show in which nothing is rounded.
  private static func exactly(_ result: PowerResult) -> [String] {
    let faults = result.power.quantities.compactMap {
      result.sensitivity($0, .all, .inCase(isExact: true))?.fault
    }
    guard let least = faults.min(), let most = faults.max() else { return [] }
    return [
      "exact cases, \(result.power.exact) of the sample: \(short(least)) to \(short(most)) of all of a result"
    ]
  }

  /// How often each yardstick is the one that finds the number in the table.
  private static func finders(_ result: PowerResult) -> String {
    let parts = zip(PowerColumn.table, ["a case", "200", "2,000"]).map { column, name -> String in
      let found = result.power.quantities.flatMap { quantity in
        FaultExtent.allCases.compactMap { result.sensitivity(quantity, $0, column)?.yardstick }
      }
      let counts = Sensitivity.Yardstick.allCases.map { one in "\(found.count { $0 == one })" }
      return "\(counts.joined(separator: " ")) in \(name)"
    }
    let names = Sensitivity.Yardstick.allCases.map(\.rawValue).joined(separator: ", ")
    return "found by \(names): \(parts.joined(separator: "; "))"
  }

  /// The names of the columns as CSV.
  static let head = ["format", "form", "result", "extent", "over", "fault", "by", "cases", "exact_cases"]

  /// One row for every number, after a row of names.
  static func csv(_ results: [PowerResult]) -> String {
    let columns = PowerColumn.table + [.inCase(isExact: true)]
    let rows = results.flatMap { result in
      result.power.quantities.flatMap { quantity in
        columns.flatMap { column in
          FaultExtent.allCases.compactMap { extent -> [String]? in
            guard let found = result.sensitivity(quantity, extent, column) else { return nil }
            return [
              result.setting.inputs.rawValue, result.setting.form, quantity.rawValue, extent.rawValue,
              column.name, found.fault.isFinite ? short(found.fault) : "", found.yardstick?.rawValue ?? "",
              "\(result.power.count)", "\(result.power.exact)",
            ]
          }
        }
      }
    }
    return ([head] + rows).map { $0.joined(separator: ",") + "\n" }.joined()
  }
}
