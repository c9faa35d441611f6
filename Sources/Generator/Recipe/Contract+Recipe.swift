import GatedDeltaRule

extension Contract {
  /// Whether nothing has to be rounded of whole numbers, keys of one channel and gates that are halves: q is multiplied
  /// by a power of two, and the norm of 16 along one channel is 16 in fp32.
  func keepsWholeNumbers(Dk: Int) -> Bool {
    if case .l2norm(let epsilon) = queryKey, epsilon > Contract.mostEpsilon { return false }
    return scaleFactor(Dk: Dk).significand == 1
  }

  /// The most that may stand beside the square of a norm in an exact case.
  private static let mostEpsilon = 1e-6

  /// How long the keys are there, and the queries where only their direction counts.
  var exactLength: Double { queryKey == .given ? 1 : 16 }

  /// Whether the gates of a model lead to halves.
  var reachesHalves: Bool { gate == .softplus && write == .sigmoid }

  /// The same with one part made plain, for each part that is not; all of them at once first.
  var plainer: [Contract] {
    let plain = Contract.plain
    let changes: [(inout Contract) -> Void] = [
      { $0 = plain }, { $0.gate = plain.gate },
      { if case .bounded(let least, false) = $0.gate { $0.gate = .bounded(least, hasRate: true) } },
      { $0.write = plain.write }, { $0.queryKey = plain.queryKey }, { $0.scale = plain.scale },
      { $0.decay = plain.decay }, { $0.layout = plain.layout }, { $0.state = plain.state },
    ]
    return changes.map { change in
      var contract = self
      change(&contract)
      return contract
    }.filter { $0 != self }
  }
}
