import GatedDeltaRule
import Generator

extension Explanation {
  /// What the places and the size of the errors say, before anything is known of the case.
  func look(_ disagreement: Disagreement) -> Cause? {
    // What depends on a mask depends on what is masked, wherever it shows.
    guard disagreement.test != .mask, !parts.contains("mask"), !parts.contains("pad") else { return nil }
    return telling.lazy.compactMap(look).first
  }

  private func look(_ pattern: ErrorPattern) -> Cause? {
    guard let part = pattern.parts.first(where: \.isTelling), !part.isOfMasked else { return nil }
    let name = part.quantity.rawValue
    switch part.relation {
    case .moved(let axis, _)?:
      return .likely(
        "\(axis == .B ? "rows of the batch" : axis.noun.many) are mistaken for each other in \(name)")
    case .late(let tokens)?:
      return .likely(
        "\(name) is \(tokens > 0 ? "a token late" : "a token early"): one is read in place of its neighbour")
    case .multiple(let factor)? where (0.01...100).contains(factor.magnitude):
      return .perhaps("\(name) is scaled: \(scale(factor))")
    case .zero? where part.extents.allSatisfy(\.isAll):
      return .perhaps("\(name) is never computed, or not written")
    default: return part.extents.lazy.compactMap(place).first.map { .perhaps($0) }
    }
  }

  /// A factor by the constants that kernels forget, double or take for another.
  private func scale(_ factor: Double) -> String {
    let (Dk, group) = (Double(recipe.Dk), Double(recipe.Hv / max(1, recipe.Hk)))
    let constants: [(String, Double)] = [
      ("the opposite sign", -1), ("a factor of 2 or a sum that is made twice", 2),
      ("half, a mean or one of two terms", 0.5),
      ("Dk^-1/2", Dk.squareRoot() / Dk), ("Dk^1/2", Dk.squareRoot()), ("1 / Dk", 1 / Dk),
      ("the mean of a group in place of its sum", 1 / group), ("log 2, a gate in base 2", 0.693147),
      ("1 / log 2, a gate in base 2", 1.442695),
    ]
    let text = "\(Report.number(factor)) times what it should be"
    let known = constants.first { $0.1 != 1 && (factor / $0.1 - 1).magnitude < 2e-3 }
    return known.map { "\(text), as by \($0.0)" } ?? text
  }

  /// Where along an axis it begins and ends.
  private func place(_ extent: Extent) -> String? {
    // Where the reduced case has one row, head, channel or token, which one it is does not decide.
    guard !extent.isAll, recipe.has(severalAlong: extent.axis), let first = extent.places.first,
      let last = extent.places.last,
      let begin = extent.counting.first, let end = extent.counting.last
    else { return nil }
    switch extent.axis {
    case .B: return "batch: offsets, lengths or states of rows: \(extent.text ?? "some") off"
    case .Hk, .Hv:
      return "heads: which key head a value head reads, or an offset: \(extent.text ?? "some") off"
    case .Dk, .Dv: return "a tile of channels: \(extent.text ?? "some") off"
    case .T where first == end:
      return "the end of the sequence: the last token is left out, or taken for one past it"
    case .T where last == begin: return "the beginning: what comes before the first token"
    case .T where last == end && first > begin:
      let chunk = [128, 64, 32, 16, 8].first { first % $0 == 0 }
      let tail = chunk.map { end < first + $0 - 1 && first > $0 } ?? false
      return chunk.map {
        tail
          ? "the last chunk of \($0), which is not full: its tail, or a mask of it"
          : "from one chunk of \($0) to the next: the state or the decay that is carried, or an offset of later chunks"
      }
    case .T: return nil
    }
  }
}

extension Recipe {
  fileprivate func has(severalAlong axis: Axis) -> Bool {
    // A group of one head may stand beside others.
    axis == .Hk || axis == .Hv ? Hv > 1 : self[axis] > 1
  }
}
