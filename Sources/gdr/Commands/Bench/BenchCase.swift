import GatedDeltaRule
import Generator

/// One thing that is timed: a problem, and whether gradients are asked for.
struct BenchCase: Hashable, Sendable {
  /// Heads and widths of a model's layer.
  struct Layer: Hashable, Sendable {
    let Hk, Hv, Dk, Dv: Int

    /// `16/64/192/128`: Hk, Hv, Dk, Dv.
    init?(text: String) {
      let sizes = text.split(separator: "/").compactMap { Int($0) }
      guard sizes.count == 4, sizes.allSatisfy({ $0 > 0 }), sizes[1] % sizes[0] == 0 else { return nil }
      (Hk, Hv, Dk, Dv) = (sizes[0], sizes[1], sizes[2], sizes[3])
    }

    /// Those of a family.
    init(_ family: Family) { (Hk, Hv, Dk, Dv) = (family.Hk, family.Hv, family.Dk, family.Dv) }

    /// The same as text.
    var text: String { "\(Hk)/\(Hv)/\(Dk)/\(Dv)" }
  }

  let layer: Layer
  let T: Int
  /// The format of the inputs.
  let precision: String
  let gradients: Bool

  /// Ordinary content: unit keys, slow decay, a state and both cotangents.
  var recipe: String { recipe(seed: 1) }

  /// The same with other values.
  func recipe(seed: UInt64) -> String { recipe(T: T, Hk: layer.Hk, Hv: layer.Hv, seed: seed) }

  /// Some tokens of one group, past the edges of chunks and segments, on which it is decided which implementations are timed.
  var qualification: String { recipe(T: min(T, 600), Hk: 1, Hv: layer.Hv / layer.Hk, seed: 1) }

  /// The same of all groups, for those that refuse one.
  var qualificationOfGroups: String { recipe(T: min(T, 600), Hk: layer.Hk, Hv: layer.Hv, seed: 1) }

  private func recipe(T: Int, Hk: Int, Hv: Int, seed: UInt64) -> String {
    "v1/B1-T\(T)-Hk\(Hk)-Hv\(Hv)-Dk\(layer.Dk)-Dv\(layer.Dv)/keys=random/decay=random:-0.2:0/write=logits:-2:2"
      + "/state=random/dstate=random/\(precision)/seed=\(seed)"
  }

  /// The same without gradients.
  var forward: BenchCase { BenchCase(layer: layer, T: T, precision: precision, gradients: false) }

  /// For the head of a table.
  var title: String { "B=1 T=\(T) \(family)" }

  /// What cases of different lengths have in common.
  var family: String {
    "Hk/Hv/Dk/Dv=\(layer.text) \(precision) inputs, \(gradients ? "forward and backward" : "forward")"
  }
}
