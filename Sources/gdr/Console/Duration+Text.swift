extension Duration {
  /// `30s`, `10m`, `8h`, `1.5h`.
  package init?(text: String) {
    let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600]
    guard let unit = text.last.flatMap({ units[$0] }) else { return nil }
    let digits = text.dropLast()
    guard digits.allSatisfy({ $0.isASCII && $0.isNumber || $0 == "." }), let number = Double(digits) else {
      return nil
    }
    // A century is more than anybody waits for, and still a number of attoseconds that fits.
    guard number > 0, number * unit < 3.2e9 else { return nil }
    self = .seconds(number * unit)
  }
}
