import Oracle

/// One thing that the people who maintain the code must learn of a run; the same in every format.
struct Notice {
  /// Which rule was broken, in a few letters: a kind of failure, the name of a property.
  let rule: String
  /// Whether it fails the run.
  let isError: Bool
  /// One line.
  let title: String
  /// The rest.
  let text: String
  /// The saved case that it is about, if there is one.
  let file: String?
  /// What stays the same while the same fault stays.
  let fingerprint: String

  /// Everything to be said of a run, the findings first.
  static func all(_ night: Nights.Night) -> [Notice] {
    night.findings.map { Notice($0, isError: true, night) }
      + night.ledger.unreproduced.map { Notice($0, isError: false, night) }
      + night.changed.map { replay in
        Notice(
          rule: "saved case \(replay.outcome.rawValue)", isError: true,
          title: "\(replay.implementation) on a saved case", text: replay.detail,
          file: night.file(of: replay), fingerprint: replay.file)
      }
      + night.escaped.map { name in
        Notice(
          rule: "control not caught", isError: true, title: "control \(name) was not caught",
          text: Report.uncaught, file: nil, fingerprint: name)
      } + health(night)
  }

  /// What speaks against believing a run. Its figures change from run to run while the fault stays.
  private static func health(_ night: Nights.Night) -> [Notice] {
    let problems = night.healthProblems.map { problem in
      let text = "\(problem)"
      return Notice(
        rule: "health check", isError: false, title: "this run should not be believed", text: text, file: nil,
        fingerprint: text.filter { !$0.isNumber })
    }
    let missing = night.record.missingText.map { text in
      Notice(
        rule: "shards missing", isError: false, title: "the run is not complete", text: "\(text) missing",
        file: nil, fingerprint: "shards missing")
    }
    let refused = night.refusedByAll.map { text in
      Notice(
        rule: "nothing evaluated", isError: false, title: "nothing was evaluated", text: text, file: nil,
        fingerprint: "nothing evaluated")
    }
    return problems + [missing, refused].compactMap(\.self)
  }

  private init(_ found: Campaign.Found, isError: Bool, _ night: Nights.Night) {
    self.init(
      rule: found.shrunk.failure.kind, isError: isError,
      title: "\(found.finding.implementation): \(found.shrunk.failure.kind)"
        + (isError ? "" : ", not shown again by a fresh process"),
      text: ([found.sentence] + found.explanation + [Report.replayLine(found)]).joined(separator: "\n"),
      file: night.file(of: found), fingerprint: found.signature
    )
  }

  private init(rule: String, isError: Bool, title: String, text: String, file: String?, fingerprint: String) {
    (self.rule, self.isError, self.title) = (shownText(rule), isError, shownText(title))
    // Its lines are those that were put together here.
    self.text = text.split(separator: "\n", omittingEmptySubsequences: false).map { shownText(String($0)) }
      .joined(separator: "\n")
    (self.file, self.fingerprint) = (file.map { shownText($0) }, shownText(fingerprint))
  }
}
