import GatedDeltaRule

/// Keys and queries of one channel a token.
extension Rendering {
  /// k, [B, T, Hk, Dk]; nil where the keys of the recipe are not of one channel.
  func channelKeys() -> Tensor? {
    switch recipe.keys {
    case .equal, .flipped, .random: break
    case .cone, .plane, .orthogonal, .zero, .tiny, .raw, .lengths, .clusters: return nil
    }
    let (Hk, Dk, isEqual) = (shape.Hk, shape.Dk, recipe.keys != .random)
    let hasSign = recipe.keys != .equal
    let (axes, length) = (address("plane"), recipe.contract.exactLength)
    return tokens("k", shape.key, recipe.precision) { key, b, _, place in
      key.update(repeating: 0, count: Hk * Dk)
      for h in 0..<Hk {
        let channel = (isEqual ? axes.at(b).at(h) : place.at(h)).channel(of: Dk)
        key[h * Dk + channel] = (hasSign ? place.at(h).at(1).sign : 1) * length
      }
    }
  }

  /// q, [B, T, Hk, Dk]: whole numbers up to this one along a channel, which is the one after the key's where it is to be
  /// orthogonal.
  func channelQueries(upTo largest: Int, besides k: Tensor) -> Tensor {
    let (T, Hk, Dk) = (shape.T, shape.Hk, shape.Dk)
    return tokens("q", shape.key, recipe.precision) { query, b, t, place in
      query.update(repeating: 0, count: Hk * Dk)
      for h in 0..<Hk where recipe.queries != .zero {
        var channel = place.at(h).channel(of: Dk)
        if recipe.queries == .orthogonal {
          let first = ((b * T + t) * Hk + h) * Dk
          guard Dk > 1, let key = (0..<Dk).first(where: { k.values[first + $0] != 0 }) else { continue }
          channel = (key + 1) % Dk
        }
        let factor = place.at(h).at(1).integer(upTo: largest, fill: 100)
        // What is divided by its length is one of them; a length that is a power of two has an exact reciprocal.
        let length = recipe.contract.exactLength
        query[h * Dk + channel] = length == 1 ? factor : factor > 0 ? length : -length
      }
    }
  }
}

extension Address {
  /// One of so many channels.
  fileprivate func channel(of count: Int) -> Int { Int(at(0).bits % UInt64(count)) }
}
