import GatedDeltaRule

/// The simplest sessions, for where one step after the other goes no further: a call or two of a row or two, with every way to
/// leave rows, tokens and slots out.
extension Recipe {
  /// Of its own sizes or of one of everything, with every way to have something in the state.
  var canonicalSessions: [Recipe] {
    guard calls != nil else { return [] }
    let one = with { ($0.Hk, $0.Hv, $0.Dk, $0.Dv) = (1, 1, 1, 1) }
    return [self, one].flatMap { sized in
      Recipe.simplestCalls.flatMap { B, T, calls in sized.sessions(B: B, T: T, calls) }
    }
  }

  private func sessions(B: Int, T: Int, _ calls: Calls) -> [Recipe] {
    let all = pooled(B: B, T: T, calls)
    // A state that decays and one that does not, where nothing else is special.
    let decayed = all.filter { $0.calls?.pool == nil && $0.state == .random && $0.write == .constant(0) }
    return all + decayed.map { recipe in recipe.with { $0.decay = .constant(-1) } }
  }

  private func pooled(B: Int, T: Int, _ calls: Calls) -> [Recipe] {
    let rows = B + calls.forks
    let pools = [
      Calls.Pool(slots: rows), Calls.Pool(slots: rows + 1), Calls.Pool(slots: rows, filling: .nan),
    ]
    return ([nil] + pools).flatMap { pool in
      // What a pool holds matters where no state is given.
      (pool == nil ? [InitialState.none, .random] : [.none]).flatMap { state in
        ((pool == nil && state == .none ? [0, 0.5, 1] : [0, 1]) as [Double]).map { beta in
          let bare = Recipe(
            B: B, T: T, Hk: Hk, Hv: Hv, Dk: Dk, Dv: Dv, decayKind: decayKind, keys: .equal,
            decay: .constant(0), write: .constant(beta), state: state)
          return bare.with { recipe in
            (recipe.contract, recipe.calls) = (contract, calls)
            recipe.calls!.pool = pool
          }
        }
      }
    }
  }

  /// Rows, tokens and calls.
  private static let simplestCalls: [(B: Int, T: Int, calls: Calls)] = [
    (1, 0, "prefill:0"), (1, 0, "fork"), (1, 0, "prefill:0,undo:0"), (1, 0, "prefill:0@x"),
    (1, 0, "prefill:0@0.x"), (1, 0, "prefill:0@x.0"), (1, 0, "prefill:0,prefill:0"),
    (1, 0, "prefill:0,prefill:0@x.0"), (1, 0, "fork,prefill:0"), (1, 0, "fork,prefill:0@1"),
    (1, 0, "verify:0:0"), (1, 0, "verify:0:0@0.x"), (1, 0, "verify:0:0@x.0"),
    (1, 1, "prefill:1"), (1, 1, "prefill:1@x"), (1, 1, "prefill:1@0.x"), (1, 1, "prefill:1@x.0"),
    (1, 1, "prefill:0.1@0.x"), (1, 1, "prefill:0.1@x.0"), (1, 1, "prefill:1.0@0.x"),
    (1, 1, "prefill:1.0@x.0"), (1, 1, "prefill:0.1@x.0,undo:0"), (1, 1, "prefill:0.1@x.0,undo:1"),
    (1, 1, "prefill:0,prefill:1"), (1, 1, "padded,prefill:0.1@0.x"), (1, 1, "padded,prefill:0.1@x.0"),
    (1, 1, "padded,prefill:2.1@x.0"), (1, 1, "padded,prefill:1,prefill:1@x"),
    (1, 1, "fork,prefill:1"), (1, 1, "fork,prefill:1@1"), (1, 1, "fork,prefill:1@0.1"),
    (1, 1, "fork,prefill:1@x.0.1"), (1, 1, "prefill:0,fork,prefill:1"),
    (1, 1, "prefill:0,fork,prefill:1@0.1"), (1, 1, "prefill:0,fork,prefill:1,prefill:0@0.1"),
    (1, 1, "decode:1"), (1, 1, "prefill:1,undo:0"), (1, 1, "prefill:1,undo:1"), (1, 1, "verify:1:0"),
    (1, 1, "verify:1:1"), (1, 1, "verify:1:0@0.x"), (1, 1, "verify:1:0@x.0"), (1, 1, "verify:1:0@x.x.0"),
    (1, 1, "verify:2:0"), (1, 1, "verify:2:1"),
    (1, 2, "prefill:2"), (1, 2, "prefill:2,undo:1"),
    (2, 0, "prefill:0"), (2, 0, "verify:0:0"), (2, 1, "prefill:1"), (2, 1, "verify:1:0"),
    (2, 1, "verify:1:0.1"), (2, 1, "verify:1:1.0"), (2, 1, "prefill:0.1,undo:0"),
    (2, 1, "prefill:1@0,prefill:0"), (2, 1, "prefill:1@1,prefill:0@1.0"), (2, 1, "prefill:1@0"),
    (2, 1, "prefill:1@1"),
    (2, 1, "prefill:1@1.0"), (2, 1, "prefill:1@1.x"), (2, 1, "prefill:0.1"), (2, 1, "prefill:1.0"),
    (2, 1, "prefill:1@0,prefill:1@1"), (2, 1, "prefill:1@0,prefill:0.1"),
    (2, 1, "verify:0.1:0"), (2, 1, "verify:1.0:0"), (2, 1, "padded,prefill:0.1"),
    (2, 1, "padded,prefill:1.0"),
    (2, 2, "padded,prefill:1.2"),
    (3, 0, "prefill:0"), (3, 1, "prefill:1"),
  ].map { B, T, text in (B, T, try! Calls(text)) }
}
