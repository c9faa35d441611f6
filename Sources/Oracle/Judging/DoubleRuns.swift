import Machine

/// In which cases an implementation that offers fp64 is asked for its run in it.
///
/// Of what is wrong fp64 shows what fp32 hides in its bound, and why something is wrong. Neither needs every case: a run
/// asks in some that it draws and, so that a case has one verdict wherever it is looked at, wherever fp32 does not
/// pass by itself or passes by a bound that says little.
package enum DoubleRuns: Hashable, Sendable {
  /// In each: of a case that is looked at on its own.
  case always
  /// In one of `share` cases. Which, the recipe alone decides.
  case drawn
  /// Only where fp32 does not pass by itself.
  case needed

  /// Of so many cases one is drawn, by what `PropertySelection` draws by.
  package static let share: UInt64 = 8

  /// Whether fp64 may be left out where fp32 passes.
  ///
  /// - Parameter seed: what follows from the recipe.
  func mayBeLeftOut(drawnBy seed: UInt64) -> Bool {
    switch self {
    case .always: false
    case .needed: true
    case .drawn: !Checksum.draws("fp64", inOneOf: DoubleRuns.share, seed: seed)
    }
  }
}
