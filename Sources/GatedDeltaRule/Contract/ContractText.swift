// gate=bounded:-5,noA,beta=2sigmoid,qk=l2norm:1e-6,scale=rsqrt,decay=log,layout=kv,state=bf16
//
// Parts may be read in any order and are written in the one above; what is plain is left out, and the whole of the
// plain contract is written `plain`.

/// Why a text is no contract.
public struct InvalidContract: Error, Hashable, Sendable, CustomStringConvertible {
  /// The part that is wrong, as it was written.
  public let part: String
  /// What it should be.
  public let expected: String

  /// One line for a person.
  public var description: String { "contract \(part): expected \(expected)" }
}

extension Contract: CustomStringConvertible {
  /// The one text of this contract.
  public var description: String {
    var parts: [String] = []
    if case .bounded(let least, let hasRate) = gate {
      parts.append("gate=bounded:\(Decimal.text(least))" + (hasRate ? "" : ",noA"))
    }
    if write != .sigmoid { parts.append("beta=\(write.rawValue)") }
    if case .l2norm(let epsilon) = queryKey { parts.append("qk=l2norm:\(Decimal.text(epsilon))") }
    switch scale {
    case .one: break
    case .rsqrt: parts.append("scale=rsqrt")
    case .value(let factor): parts.append("scale=\(Decimal.text(factor))")
    }
    if decay != .linear { parts.append("decay=\(decay.rawValue)") }
    if layout != .valueKey { parts.append("layout=\(layout.rawValue)") }
    if state != .fp32 { parts.append("state=\(state == .bf16 ? "bf16" : "f16")") }
    return parts.isEmpty ? "plain" : parts.joined(separator: ",")
  }

  /// Reads the text of a contract; what it leaves out is plain.
  ///
  /// - Throws: `InvalidContract` for an unknown part, one that is given twice, or a number out of range.
  public init(_ text: some StringProtocol) throws(InvalidContract) {
    self.init()
    guard text != "plain" else { return }
    var seen: Set<String> = []
    for item in Contract.items(of: String(text)) {
      guard let equals = item.firstIndex(of: "=") else {
        throw InvalidContract(part: item, expected: "NAME=VALUE")
      }
      let name = String(item[..<equals])
      guard seen.insert(name).inserted else { throw InvalidContract(part: item, expected: "\(name) once") }
      try read(name, item[item.index(after: equals)...])
    }
  }

  /// Parts between commas, but for the one inside `bounded:-5,noA`.
  private static func items(of text: String) -> [String] {
    var items: [String] = []
    for piece in text.split(separator: ",", omittingEmptySubsequences: false) {
      if piece == "noA", let last = items.last, last.hasPrefix("gate=bounded:"), !last.hasSuffix(",noA") {
        items[items.count - 1] = last + ",noA"
      } else {
        items.append(String(piece))
      }
    }
    return items
  }

  private mutating func read(_ name: String, _ value: Substring) throws(InvalidContract) {
    func expected(_ words: String) -> InvalidContract {
      InvalidContract(part: "\(name)=\(value)", expected: words)
    }
    let isKnown: Bool
    switch name {
    case "gate": isKnown = readGate(value)
    case "beta": isKnown = Write(rawValue: String(value)).map { write = $0 } != nil
    case "qk": isKnown = readQueryKey(value)
    case "scale": isKnown = readScale(value)
    case "decay": isKnown = Decay(rawValue: String(value)).map { decay = $0 } != nil
    case "layout": isKnown = Layout(rawValue: String(value)).map { layout = $0 } != nil
    case "state": isKnown = Contract.states[String(value)].map { state = $0 } != nil
    default: throw expected("one of " + Contract.forms.map(\.name).joined(separator: ", "))
    }
    guard isKnown else { throw expected(Contract.forms.first { $0.name == name }!.words) }
  }

  private static let states: [String: Precision] = ["f32": .fp32, "bf16": .bf16, "f16": .fp16]

  private static let forms: [(name: String, words: String)] = [
    ("gate", "softplus, bounded:L or bounded:L,noA with L from -1000 to below 0"),
    ("beta", "sigmoid or 2sigmoid"), ("qk", "given or l2norm:EPS with EPS from 1e-12 to 1"),
    ("scale", "1, rsqrt or a number from 1e-6 to 1e6"), ("decay", "linear or log"), ("layout", "vk or kv"),
    ("state", "f32, bf16 or f16"),
  ]

  private mutating func readGate(_ value: Substring) -> Bool {
    if value == "softplus" {
      gate = .softplus
      return true
    }
    let hasRate = !value.hasSuffix(",noA")
    let text = hasRate ? value : value.dropLast(4)
    guard text.hasPrefix("bounded:"), let least = Decimal.number(text.dropFirst(8)), least >= -1000, least < 0
    else { return false }
    gate = .bounded(least, hasRate: hasRate)
    return true
  }

  private mutating func readQueryKey(_ value: Substring) -> Bool {
    if value == "given" {
      queryKey = .given
      return true
    }
    // Below 1e-12 the square of a key that vanishes in fp32 would matter beside it.
    guard value.hasPrefix("l2norm:"), let epsilon = Decimal.number(value.dropFirst(7)),
      (1e-12...1).contains(epsilon)
    else { return false }
    queryKey = .l2norm(epsilon: epsilon)
    return true
  }

  private mutating func readScale(_ value: Substring) -> Bool {
    if value == "rsqrt" {
      scale = .rsqrt
      return true
    }
    guard let factor = Decimal.number(value), (1e-6...1e6).contains(factor) else { return false }
    scale = factor == 1 ? .one : .value(factor)
    return true
  }
}
