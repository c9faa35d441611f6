extension Recipe {
  /// The simplest recipes of this one's sizes, simplest first, all simpler than this one.
  ///
  /// Making one part simpler after the other can end at several recipes, none of which leads to another (a state
  /// without writes, a write without a state). Where one of these few fails as well, it is the one to report, so that
  /// a fault has one normal form whatever case it was met in.
  public func canonical() -> [Recipe] {
    var grid: [Recipe] = []
    for T in 0...max(0, min(self.T, 3)) {
      for (decay, state) in pairs([DecayPattern.constant(0), .constant(-1)], [InitialState.none, .random]) {
        for (dstate, mask) in pairs([StateCotangent.none, .random], [Masking.none, .left(1)]) {
          grid += bare(T: T, decay, state, dstate, mask)
        }
      }
    }
    if self.T > 3 {
      for T in 4...min(self.T, 96) { grid += bare(T: T, .constant(0), .none, .none, .none) }
    }
    return grid.filter { $0 < self && (try? $0.validate()) != nil }.sorted()
  }

  private func pairs<A, B>(_ left: [A], _ right: [B]) -> [(A, B)] {
    left.flatMap { left in right.map { (left, $0) } }
  }

  private func bare(
    T: Int, _ decay: DecayPattern, _ state: InitialState, _ dstate: StateCotangent, _ mask: Masking
  ) -> [Recipe] {
    [0, 1, 0.5].map { beta in
      Recipe(
        B: B, T: T, Hk: Hk, Hv: Hv, Dk: Dk, Dv: Dv, decayKind: decayKind, keys: .equal, decay: decay,
        write: .constant(beta), state: state, dstate: dstate, mask: mask)
    }
  }
}
