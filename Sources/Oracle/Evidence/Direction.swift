import GatedDeltaRule

/// A direction in which wrong formulas push a result: an error is projected on it.
///
/// Rounding has no direction and a wrong formula has one, so that the sum over many elements, tokens and cases tells
/// them apart long before one element does.
package enum Direction: Hashable, Sendable {
  /// The result itself: as if it were multiplied by a number.
  case whole
  /// Its heads whose number is this one mod 16.
  case head(Int)
  /// Its tokens whose number is this one mod 16.
  case token(Int)
  /// The first, or the last, token of every chunk.
  case firstOfChunk, lastOfChunk
  /// The tokens of the first, or the second, half.
  case firstHalf, secondHalf
  /// The first, or the second, half of its channels: of an output row for a state.
  case lowerChannels, upperChannels
  /// What the result moves by where this input is multiplied by a number.
  case gain(Input)

  /// Heads and tokens are told apart up to so many.
  static let period = 16

  /// The inputs that gains are looked for in.
  static let inputs: [Input] = [.q, .k, .v, .g, .beta, .stateIn]

  /// Every direction, by its place.
  package static let all: [Direction] =
    [.whole] + (0..<period).map(Direction.head) + (0..<period).map(Direction.token)
    + [.firstOfChunk, .lastOfChunk, .firstHalf, .secondHalf, .lowerChannels, .upperChannels]
    + inputs.map(Direction.gain)

  /// Its place in `all`.
  package var ordinal: Int {
    let period = Direction.period
    return switch self {
    case .whole: 0
    case .head(let head): 1 + head
    case .token(let token): 1 + period + token
    case .firstOfChunk: 1 + 2 * period
    case .lastOfChunk: 2 + 2 * period
    case .firstHalf: 3 + 2 * period
    case .secondHalf: 4 + 2 * period
    case .lowerChannels: 5 + 2 * period
    case .upperChannels: 6 + 2 * period
    case .gain(let input): 7 + 2 * period + (Direction.inputs.firstIndex(of: input) ?? 0)
    }
  }

  /// As a record writes it: `whole`, `head 5`, `tokens 15`, `gain beta`.
  package var key: String {
    switch self {
    case .whole: "whole"
    case .head(let head): "head \(head)"
    case .token(let token): "tokens \(token)"
    case .firstOfChunk: "first of chunk"
    case .lastOfChunk: "last of chunk"
    case .firstHalf: "first half"
    case .secondHalf: "second half"
    case .lowerChannels: "lower channels"
    case .upperChannels: "upper channels"
    case .gain(let input): "gain \(input.rawValue)"
    }
  }

  /// By what a record writes; nil for what is none.
  package init?(key: String) {
    guard let direction = Direction.byKey[key] else { return nil }
    self = direction
  }

  private static let byKey = Dictionary(uniqueKeysWithValues: all.map { ($0.key, $0) })
}
