import GatedDeltaRule
import Sweep

extension Property {
  /// Two forms of one rule (another chunk, another sub-block, another order of summation) agree within the sum of
  /// their bounds. Not asked where a clamp that only one of them has comes into play.
  static let agreement = Property("agreement", .dear) { runs, tally in
    guard !runs.peers.isEmpty else { throw Inapplicable("no other form was given") }
    let base = try runs.base(bounded: true)
    let table = runs.check.gates(clamp: .none)
    for peer in runs.peers {
      let clamps = [runs.declaration.clamp, peer.declaration.clamp]
      if clamps[0] != clamps[1], clamps.contains(where: { table.reaches($0, runs.problem) }) { continue }
      tally.compare(
        try runs.answer(of: peer), with: base, Quantity.allCases, exactly: false, in: runs.problem)
    }
  }
}
