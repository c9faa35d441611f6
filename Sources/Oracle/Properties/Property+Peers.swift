import GatedDeltaRule
import Sweep

extension Property {
  /// Two forms of one rule (another chunk, another sub-block, another order of summation) agree within the sum of
  /// their bounds. Not asked where a clamp that only one of them has comes into play.
  static let agreement = Property("agreement", .dear) { trial, tally in
    guard !trial.peers.isEmpty else { throw Inapplicable("no other form was given") }
    let base = try trial.base(bounded: true)
    let table = trial.court.gates(clamp: .none)
    for peer in trial.peers {
      let clamps = [trial.declaration.clamp, peer.declaration.clamp]
      if clamps[0] != clamps[1], clamps.contains(where: { table.reaches($0, trial.problem) }) { continue }
      tally.compare(
        try trial.answer(of: peer), with: base, Quantity.allCases, exactly: false, in: trial.problem)
    }
  }
}
