import Oracle

/// What the tool tells the shell.
package enum ExitCode: Int32, Hashable, Sendable, CaseIterable {
  /// Nothing new.
  case nothing = 0
  /// An implementation disagrees, or failed; whether the run was interrupted or not.
  case findings = 1
  /// A saved case changed its verdict.
  case changed = 2
  /// The same case gave two answers.
  case nondeterministic = 3
  /// A run should not be believed: it did not see what it must see, or shards of it are missing.
  case unhealthy = 4
  /// The command line is wrong.
  case usage = 64
  /// A file is missing, malformed, or refused.
  case badFile = 65
  /// A fault of the tool itself.
  case failure = 70
  /// Stopped by the user before anything was found, with everything saved.
  case interrupted = 130

  /// One line for `gdr help`.
  package var summary: String {
    switch self {
    case .nothing: "nothing new"
    case .findings: "findings, interrupted or not"
    case .changed: "a saved case changed its verdict"
    case .nondeterministic: "not deterministic"
    case .unhealthy: "a health check failed, or shards are missing"
    case .usage: "wrong usage"
    case .badFile: "bad file, or nothing evaluated"
    case .failure: "internal error"
    case .interrupted: "interrupted without findings, all saved"
    }
  }
}

extension ExitCode {
  /// What a run found, before an interruption too, which comes last; nil where there is nothing of it to tell.
  package init?(_ summary: Campaign.Summary, _ corpus: [Replay]) {
    func ended(_ outcome: Replay.Outcome) -> Bool { corpus.contains { $0.outcome == outcome } }
    if !(summary.findings + summary.unfinished).isEmpty {
      self = .findings
    } else if ended(.changed) {
      self = .changed
    } else if !summary.ledger.unreproduced.isEmpty {
      self = .nondeterministic
    } else if ended(.unreadable) {
      self = .badFile
    } else if summary.wasInterrupted {
      self = .interrupted
    } else {
      return nil
    }
  }
}
