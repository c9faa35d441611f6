/// Where along one axis something is off.
package struct Extent: Hashable, Sendable, Codable {
  /// Which axis.
  package let axis: Axis
  /// How long it is.
  package let size: Int
  /// The places that are off, ascending.
  package let places: [Int]
  /// The places that count: those of live tokens, and all of other axes.
  package let counting: [Int]

  init(axis: Axis, size: Int, off: [Bool], counts: [Bool]) {
    (self.axis, self.size) = (axis, size)
    places = off.indices.filter { off[$0] }
    counting = counts.indices.filter { counts[$0] }
  }

  /// Whether all of it is off that counts.
  package var isAll: Bool { places.count == counting.count }

  /// The share of what counts that is off.
  package var share: Double { counting.isEmpty ? 0 : Double(places.count) / Double(counting.count) }

  /// In words: `token 5 alone`, `tokens from 64 on (every chunk of 64 after the first)`, `heads 1, 3`. Nil where it is all.
  package var text: String? {
    guard !isAll, let first = places.first, let last = places.last, let end = counting.last else {
      return nil
    }
    let (one, many) = axis.noun
    if places.count == 1 {
      let name =
        first == end ? "the last \(one)" : first == counting[0] ? "the first \(one)" : "\(one) \(first)"
      return name + (name.last?.isNumber == true ? total : "") + " only"
    }
    let between = counting.filter { (first...last).contains($0) }
    if places == between {
      if places.count == 2 { return "\(many) \(first) and \(last)\(total)" }
      if last == end { return "\(many) from \(first) on\(total)\(afterChunk(first))" }
      if first == counting[0] { return "\(many) up to \(last)\(total)\(beforeChunk(last))" }
      return "\(many) \(first) to \(last)\(total)"
    }
    if let step = regularStep {
      return "\(many) \(first), \(first + step), ... (every \(Extent.ordinal(step)))"
    }
    if places.count <= 6 { return "\(many) " + places.map(String.init).joined(separator: ", ") + total }
    return "\(places.count) of \(counting.count) \(many)"
  }

  /// How many there are, where a person would count them.
  private var total: String { axis == .T ? "" : " of \(size)" }

  /// A chunk or a tile that ends there, in the sizes that kernels have.
  private func afterChunk(_ first: Int) -> String {
    guard let chunk = unit(of: first) else { return "" }
    return axis == .T ? " (after the first chunk of \(chunk))" : " (after the first \(chunk))"
  }

  private func beforeChunk(_ last: Int) -> String {
    guard let chunk = unit(of: last + 1) else { return "" }
    return axis == .T ? " (the first chunk of \(chunk))" : " (the first \(chunk))"
  }

  private static func ordinal(_ n: Int) -> String {
    if n == 2 { return "second" }
    let teens = (11...13).contains(n % 100)
    return "\(n)" + (teens ? "th" : n % 10 == 1 ? "st" : n % 10 == 2 ? "nd" : n % 10 == 3 ? "rd" : "th")
  }

  private func unit(of boundary: Int) -> Int? {
    [.T, .Dk, .Dv].contains(axis) && [8, 16, 32, 64, 128, 256].contains(boundary) ? boundary : nil
  }

  /// The distance of places that lie at equal distances, from the first of them to the end.
  private var regularStep: Int? {
    guard places.count >= 3 else { return nil }
    let step = places[1] - places[0]
    guard step > 1, zip(places, places.dropFirst()).allSatisfy({ $1 - $0 == step }) else { return nil }
    return places[places.count - 1] + step >= size ? step : nil
  }
}
