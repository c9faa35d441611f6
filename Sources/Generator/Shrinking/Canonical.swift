extension Recipe {
  /// The simplest recipes of this one's sizes, simplest first, all simpler than this one.
  ///
  /// Making one part simpler after the other can end at several recipes, none of which leads to another (a state
  /// without writes, a write without a state). Where one of these few fails as well, it is the one to report, so that
  /// a fault has one normal form whatever case it was met in.
  public func canonical() -> [Recipe] {
    var grid: [Recipe] = []
    for T in 0...max(0, min(self.T, 3)) {
      for decay in [DecayPattern.constant(0), .constant(-1)] {
        for state in [InitialState.none, .random] {
          for dstate in [StateCotangent.none, .random] {
            for mask in [Masking.none, .left(1)] {
              for write in Recipe.plainWrites {
                grid.append(bare(T: T, decay, write, state, dstate, mask))
              }
            }
          }
        }
      }
    }
    if self.T > 3 {
      for T in 4...min(self.T, 96) {
        for write in Recipe.plainWrites { grid.append(bare(T: T, .constant(0), write, .none, .none, .none)) }
      }
    }
    return grid.filter { $0 < self && (try? $0.validate()) != nil }.sorted()
  }

  private static let plainWrites = [WriteStrength.constant(0), .constant(1), .constant(0.5)]

  private func bare(
    T: Int, _ decay: DecayPattern, _ write: WriteStrength, _ state: InitialState, _ dstate: StateCotangent,
    _ mask: Masking
  ) -> Recipe {
    Recipe(
      B: B, T: T, Hk: Hk, Hv: Hv, Dk: Dk, Dv: Dv, decayKind: decayKind, keys: .equal, decay: decay,
      write: write,
      state: state, dstate: dstate, mask: mask)
  }
}
