import GatedDeltaRule
import Generator
import Oracle

extension Flag {
  /// What is drawn of levels, decays and masks.
  static let restriction: [Flag] = [
    Flag("level", "core|model", summary: "draw cases of this level only"),
    Flag("channels", summary: "draw cases with a decay for each key channel only"),
    Flag("no-channels", summary: "draw cases with one decay a head only"),
    Flag("no-mask", summary: "draw cases without a mask only"),
  ]

  /// Against leaving out what a worker refuses.
  static let refused = Flag("refused", summary: "draw also what a worker refuses when it is asked first")
}

extension Arguments {
  /// That of the flags.
  func restriction() throws(UsageError) -> Restriction {
    var restriction = Restriction()
    if let text = value("level") {
      guard let level = Level(rawValue: text) else {
        throw .notAChoice(flag: "level", text: text, choices: Level.allCases.map(\.rawValue))
      }
      restriction.level = level
    }
    if has("channels"), has("no-channels") { throw .exclusive(flag: "channels", other: "no-channels") }
    if has("channels") { restriction.decayKind = .perChannel }
    if has("no-channels") { restriction.decayKind = .scalar }
    restriction.excludesMasks = has("no-mask")
    return restriction
  }
}

extension Campaign.Plan {
  /// Leaves out what all workers refuse, where nothing else is under test: time is for what is evaluated.
  ///
  /// - Returns: what each of them takes, in a line, where that is not all.
  package mutating func leaveOutWhatIsRefused(workers: [String]) -> [String] {
    guard !implementations.isEmpty, implementations.allSatisfy({ workers.contains($0.name) }) else {
      return []
    }
    var (all, lines): ([Taken], [String]) = ([], [])
    for implementation in implementations {
      let progress = JobProgress("asking \(implementation.name) what it takes")
      defer { progress.clear() }
      // What breaks down, and what takes nothing that is tried, is for the run to see.
      guard
        let taken = try? Taken(
          by: implementation, asked: profile.restriction, families: profile.families,
          asking: { progress.note($0.text) })
      else { return [] }
      all.append(taken)
      if let words = taken.words { lines.append("\(implementation.name) takes \(words)") }
    }
    let (restriction, families) = Taken.union(all)
    profile.restriction = profile.restriction.filled(by: restriction)
    if profile.families.isEmpty { profile.families = families }
    guard !lines.isEmpty else { return [] }
    let isNarrower = restriction != Restriction() || !families.isEmpty
    return lines + (isNarrower ? ["the rest is left out; --refused draws it too"] : [])
  }
}
