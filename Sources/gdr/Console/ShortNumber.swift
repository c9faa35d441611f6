import Foundation

/// A number in one digit: `3e-7`.
func oneDigit(_ number: Double) -> String {
  guard number.isFinite else { return number.isNaN ? "NaN" : number < 0 ? "-inf" : "inf" }
  guard number != 0 else { return "0" }
  let parts = String(format: "%.0e", number).split(separator: "e")
  let exponent = Int(parts[1]) ?? 0
  return exponent == 0 ? String(parts[0]) : "\(parts[0])e\(exponent)"
}

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
