import Foundation
import GatedDeltaRule
import Generator

/// How hard a case is, in four numbers.
package struct MapPlace: Hashable, Sendable, Codable {
  /// Of the keys to one axis, in degrees: 0 for equal keys.
  package var angle: Double
  /// Write strength.
  package var beta: Double
  /// Decay factor.
  package var g: Double
  /// Tokens.
  package var T: Int

  /// By default the corner: equal keys, beta near 1, no decay.
  package init(angle: Double = 0, beta: Double = 0.999, g: Double = 1, T: Int) {
    (self.angle, self.beta, self.g, self.T) = (angle, beta, g, T)
  }
}

/// What all places of a map have in common.
struct MapSetting: Sendable {
  var level = Level.core
  var decayKind = DecayKind.scalar
  var Hk = 1
  var Hv = 1
  var Dk = 32
  var Dv = 16
  var precision = Precision.fp32
  var contract = Contract.plain
  /// Of the first case of a place; the others follow.
  var seed: UInt64 = 0
  /// Cases of a place.
  var cases = 2

  /// The cases of a place.
  func recipes(at place: MapPlace) -> [Recipe] {
    (0..<cases).map { n in
      var recipe = Recipe(
        T: place.T, Hk: Hk, Hv: Hv, Dk: Dk, Dv: Dv, decayKind: decayKind, level: level,
        keys: place.angle == 0 ? .equal : .cone(degrees: place.angle),
        decay: .constant(MapSetting.logarithm(place.g)),
        write: place.beta > 1 ? .wide(low: place.beta, high: place.beta) : .constant(place.beta),
        precision: precision, seed: seed &+ UInt64(n))
      recipe.contract = contract
      return recipe
    }
  }

  private static func logarithm(_ g: Double) -> Double {
    g == 1 ? 0 : g == 0 ? -.infinity : Decimal.rounded(log(g), digits: 6)
  }

  /// In the words of a recipe: `Hk1-Hv1-Dk32-Dv16/f32`.
  var sizes: String {
    let text = recipes(at: MapPlace(T: 1))[0].text.split(separator: "/")
    let format = precision == .fp32 ? "f32" : precision == .bf16 ? "bf16" : "f16"
    return text[1].dropFirst("B1-T1-".count) + "/" + format
  }
}
