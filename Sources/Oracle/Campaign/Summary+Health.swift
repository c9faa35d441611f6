import GatedDeltaRule
import Generator

extension Campaign.Summary {
  /// The health checks that this run fails: it exits with 4.
  package var healthProblems: [HealthProblem] {
    // Who asks for families knows what they leave out.
    let refusing = plan.families == nil ? hardlyTested : []
    return (runsOnlyWorkers ? [] : looseBounds) + tightBounds(ofWorkers: false) + twins + uncovered + refusing
      + neverJudged + gaps + slowness
  }

  /// What is worth a line, and no failed check: a kernel that rounds less than ours may stay far below every bound, and
  /// what is refused was not tested; one that stores its results in 16 bits fills what is allowed for that.
  package var healthNotes: [HealthProblem] {
    let failed = Set(healthProblems)
    return
      ((runsOnlyWorkers ? looseBounds : []) + tightBounds(ofWorkers: true) + refusing + chunkLeft
      + degradations + drifts + noted).filter { !failed.contains($0) }
  }

  private var chunkLeft: [HealthProblem] {
    plan.chunk.map { $0 > Profile.longestChunk ? [.neverPastChunk($0)] : [] } ?? []
  }

  /// Of workers: what is built in is known.
  private var degradations: [HealthProblem] {
    tested.filter { $0.degraded > 0 && workers.contains($0.implementation) }.map { tally in
      .degraded(
        tally.implementation, count: tally.degraded, of: tally.evaluated, worst: tally.worstDegraded,
        flags: plan.replayFlags(of: tally.implementation))
    }
  }

  private var drifts: [HealthProblem] {
    tested.flatMap { tally in
      let name = tally.implementation
      let flags = plan.replayFlags(of: name)
      func asked(_ property: Property) -> Int { tally.checked[property.name] ?? 0 }
      let unrepeatable = tally.moved?[Property.repeated.name].map {
        HealthProblem.unrepeatable(name, $0, asked: asked(.repeated), flags: flags)
      }
      let farsighted = tally.moved?[Property.prefix.name].map {
        HealthProblem.farsighted(name, $0, asked: asked(.prefix), flags: flags)
      }
      let early = tally.moved?[Property.residual.name].map {
        HealthProblem.roundsResidual(name, $0, asked: asked(.residual), flags: flags)
      }
      return [unrepeatable, farsighted, early].compactMap(\.self)
    }
  }

  private var noted: [HealthProblem] {
    tested.flatMap { tally in
      (tally.notes ?? [:]).sorted { $0.key < $1.key }.map {
        .noted(tally.implementation, note: $0.key, count: $0.value)
      }
    }
  }

  private var tested: [Tally] { tallies.filter { !$0.isControl } }

  /// Those that are not built in.
  private var workers: Set<String> { Set(plan.implementations.filter { $0.command != nil }.map(\.name)) }

  private var runsOnlyWorkers: Bool { tested.allSatisfy { workers.contains($0.implementation) } }

  /// Cases before anything is said of a bound: the same case through several implementations is one.
  private static let enough = 500

  private var looseBounds: [HealthProblem] {
    Quantity.allCases.compactMap { quantity in
      let all = tested.compactMap { $0.ratios[quantity.rawValue] }
      guard all.map(\.count).max() ?? 0 >= Campaign.Summary.enough else { return nil }
      let worst = all.map(\.largest).max() ?? 0
      return worst >= 0.1 ? nil : .looseBound(quantity, worst: worst)
    }
  }

  /// One in a thousand is what corner cases may do, at a kink for one.
  private func tightBounds(ofWorkers: Bool) -> [HealthProblem] {
    // What is degraded now and then crosses its bound by its own instability, not by rounding that was not foreseen.
    tested.filter { $0.degraded == 0 && workers.contains($0.implementation) == ofWorkers }.flatMap { tally in
      Quantity.allCases.compactMap { quantity -> HealthProblem? in
        guard let histogram = tally.ratios[quantity.rawValue], histogram.count >= 2 * Campaign.Summary.enough
        else { return nil }
        let share = Double(histogram.count(from: 0.7, upTo: 1)) / Double(histogram.count)
        return share <= 0.005 ? nil : .tightBound(tally.implementation, quantity, share: share)
      }
    }
  }

  private var twins: [HealthProblem] {
    ledger.resemblances.compactMap { pair in
      guard pair.compared >= 100 else { return nil }
      let share = Double(pair.same) / Double(pair.compared)
      return share <= 0.95 ? nil : .twins(pair.one, pair.other, share: share)
    }
  }

  private var uncovered: [HealthProblem] {
    coverage.missed(in: plan.profile).map {
      .uncovered(label: $0.label, count: $0.count, expected: $0.expected)
    }
  }

  private var hardlyTested: [HealthProblem] { untested(where: isHardlyTested) }

  /// Workers that refused a good part of the cases, however few those are; of what is built in the same as above.
  private var refusing: [HealthProblem] {
    untested { tally, asked, share in
      workers.contains(tally.implementation) ? share >= 0.2 : isHardlyTested(tally, asked, share)
    }
  }

  /// Whether it refused most cases. What is built in is known: there only 99 % say something, and nothing does at the
  /// smallest size, where some forms never meet a shape that they take.
  private func isHardlyTested(_ tally: Tally, _ asked: Int, _ share: Double) -> Bool {
    workers.contains(tally.implementation)
      ? asked >= 20 && share > 0.8
      : plan.profile.size != .small && cases >= Campaign.Summary.enough && share > 0.99
  }

  private func untested(
    where isSaid: (Tally, _ asked: Int, _ share: Double) -> Bool
  ) -> [HealthProblem] {
    tested.compactMap { tally in
      let asked = tally.refused + tally.evaluated
      let share = Double(tally.refused) / Double(asked)
      return isSaid(tally, asked, share) ? .untested(tally.implementation, share: share) : nil
    }
  }

  /// Of a run in which all that is under test refused every case, who did, in a clause; nil for any other.
  package var refusedByAll: String? {
    guard !tested.isEmpty, tested.allSatisfy({ $0.evaluated == 0 && $0.refused > 0 }) else { return nil }
    let names = tested.map(\.implementation).joined(separator: ", ")
    let count = tested.map(\.refused).max() ?? 0
    return "\(names) refused " + (count == 1 ? "the only case" : "all \(count) cases")
  }

  private var neverJudged: [HealthProblem] {
    tested.compactMap { tally in
      let declared = Set(
        plan.implementations.first { $0.name == tally.implementation }?.withoutGradients ?? [])
      let missing = Quantity.allCases.map(\.rawValue).filter {
        tally.asked[$0] ?? 0 >= 20 && tally.answered[$0] ?? 0 == 0 && !declared.contains($0)
      }
      return missing.isEmpty ? nil : .neverJudged(tally.implementation, quantities: missing)
    }
  }

  /// A gradient of a state that is not there may be missing.
  private var gaps: [HealthProblem] {
    tested.flatMap { tally in
      tally.asked.sorted { $0.key < $1.key }.compactMap { quantity, asked -> HealthProblem? in
        let answered = tally.answered[quantity] ?? 0
        let missing = asked - answered - (tally.excused?[quantity] ?? 0)
        guard answered > 0, missing > 0 else { return nil }
        let share = Double(missing) / Double(asked)
        return .sometimesMissing(tally.implementation, quantity: quantity, share: share)
      }
    }
  }

  private var slowness: [HealthProblem] {
    // Exact cases are proved while they are drawn: where all are, that is what the time goes to.
    guard cases >= Campaign.Summary.enough, plan.profile.exactShare < 0.5 else { return [] }
    return generatorShare <= 0.3 ? [] : [.slowGenerator(share: generatorShare)]
  }
}
