import GatedDeltaRule

extension Label {
  /// How an engine gets the tokens: among a thousand cases that come in several calls.
  static let sessions: [Label] = [
    Label("session", 900, 900, 900) { $0.calls != nil },
    Label("session, a prefill in pieces", 220, 220, 220) { $0.counts(.prefill) > 1 },
    Label("session, a row without tokens", 250, 250, 250) { recipe in
      recipe.asks { $0.kind == .prefill && $0.counts.contains(0) }
    },
    Label("session, one token a call", 350, 350, 350) { $0.counts(.decode) > 0 },
    Label("session, drafts verified", 250, 250, 250) { $0.counts(.verify) > 0 },
    Label("session, no draft accepted", 180, 180, 180) { recipe in
      recipe.asks { $0.kind == .verify && $0.accepted.contains(0) }
    },
    Label("session, all drafts accepted", 100, 100, 100) { recipe in
      recipe.asks { $0.kind == .verify && $0.acceptsAll }
    },
    Label("session, rows of several lengths", 300, 300, 300) { recipe in
      recipe.asks { $0.kind != .undo && $0.counts.count > 1 }
    },
    Label("session, tokens taken back", 180, 180, 180) { $0.counts(.undo) > 0 },
    Label("session, a fork", 60, 60, 60) { $0.counts(.fork) > 0 },
    Label("session, rows left out or in another order", 380, 380, 380) { recipe in
      recipe.asks { !$0.rows.isEmpty && $0.kind != .fork }
    },
    Label("session, a row of padding", 250, 250, 250) { recipe in recipe.asks { $0.rows.contains(nil) } },
    Label("session, a batch", 110, 110, 110) { $0.calls?.isPadded == true },
    Label("session, NaN in slots", 90, 90, 90) { $0.calls?.pool?.filling == .nan },
    Label("session, infinity in slots", 40, 40, 40) { $0.calls?.pool?.filling == .inf },
    Label("session, from a state", 340, 340, 340) { $0.calls != nil && $0.state != .none },
  ].map { $0.ofSessions() }
}

extension Recipe {
  fileprivate func asks(_ holds: (Calls.Entry) -> Bool) -> Bool {
    calls?.entries.contains(where: holds) ?? false
  }

  fileprivate func counts(_ kind: Calls.Kind) -> Int { calls?.entries.count { $0.kind == kind } ?? 0 }
}

extension Calls.Entry {
  /// Whether no draft of any row is lost.
  fileprivate var acceptsAll: Bool {
    let rows = max(counts.count, accepted.count)
    func of(_ numbers: [Int], _ row: Int) -> Int { numbers.count == 1 ? numbers[0] : numbers[row] }
    return (0..<rows).allSatisfy { of(counts, $0) == of(accepted, $0) }
  }
}
