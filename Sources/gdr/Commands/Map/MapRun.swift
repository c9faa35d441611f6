import Foundation
import GatedDeltaRule
import Generator
import Machine
import Oracle
import Synchronization

/// Evaluates an implementation place by place, each of them once.
final class MapRun: Sendable {
  let implementation: any Implementation
  private let deadline: Deadline
  private let jobs: Int
  private let settings: Mutex<MapSetting>
  private let known = Mutex<[MapPlace: MapCell]>([:])

  /// - Parameter deadline: when nothing more is begun.
  init(_ implementation: any Implementation, _ setting: MapSetting, jobs: Int, until deadline: Deadline) {
    (self.implementation, self.jobs, self.deadline) = (implementation, jobs, deadline)
    settings = Mutex(setting)
  }

  /// What all places have in common.
  var setting: MapSetting { settings.withLock { $0 } }

  /// Cases that were evaluated.
  var evaluated: Int { known.withLock { $0.values.count(where: \.isEvaluated) } * setting.cases }

  /// Begins again with one decay a key channel, and at model level, for what refuses the others; false where nothing is left.
  func changeKind() -> Bool {
    let isChanged = settings.withLock { setting in
      switch (setting.level, setting.decayKind) {
      case (.core, .scalar): setting.decayKind = .perChannel
      case (.core, .perChannel): (setting.level, setting.decayKind) = (.model, .scalar)
      case (.model, .scalar): setting.decayKind = .perChannel
      case (.model, .perChannel): return false
      }
      return true
    }
    if isChanged { known.withLock { $0 = [:] } }
    return isChanged
  }

  /// All of them, in their order; what is not begun when the time is over, or after a signal, is not evaluated.
  func cells(_ places: [MapPlace], _ what: String) throws -> [MapCell] {
    var seen: Set<MapPlace> = []
    let new = places.filter { place in
      seen.insert(place).inserted && known.withLock { $0[place] == nil }
    }
    let progress = JobProgress("\(implementation.name), \(what)", of: new.count)
    defer { progress.clear() }
    _ = try inParallel(new, jobs: max(1, min(jobs, new.count))) { place in
      _ = try cell(place)
      progress.advance()
    }
    return try places.map { try cell($0) }
  }

  /// One of them.
  func cell(_ place: MapPlace) throws -> MapCell {
    if let known = known.withLock({ $0[place] }) { return known }
    var samples: [MapCell.Sample] = []
    for recipe in setting.recipes(at: place) {
      samples.append(
        deadline.hasPassed || Interruption.isRequested
          ? MapCell.Sample(grade: nil, reason: "the time was over") : sample(recipe))
    }
    let cell = MapCell(place, samples)
    known.withLock { $0[place] = cell }
    return cell
  }

  private func sample(_ recipe: Recipe) -> MapCell.Sample {
    do throws(RecipeError) {
      return MapCell.Sample(implementation, on: try CrossCheck(recipe))
    } catch {
      return MapCell.Sample(grade: nil, reason: "\(error)")
    }
  }
}
