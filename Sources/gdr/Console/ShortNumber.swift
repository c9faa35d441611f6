import Foundation

/// A number in two digits: `0.31`, `12`, `4.6e-7`.
package func short(_ number: Double) -> String {
  guard number.isFinite else { return number.isNaN ? "NaN" : number < 0 ? "-inf" : "inf" }
  switch number.magnitude {
  case 0: return "0"
  case 0.095..<99.5: return String(format: number.magnitude < 9.95 ? "%.2g" : "%.0f", number)
  default:
    let parts = String(format: "%.1e", number).split(separator: "e")
    return "\(parts[0])e\(Int(parts[1]) ?? 0)"
  }
}
