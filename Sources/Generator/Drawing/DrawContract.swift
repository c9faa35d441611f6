import GatedDeltaRule

/// Which rules a run asks for.
extension Profile {
  /// The rules of a run.
  public enum Contracts: Hashable, Sendable {
    /// One for all cases.
    case one(Contract)
    /// In so large a share of the cases one that is drawn, and that of the first models in the others.
    case drawn(share: Double)
  }

  /// That of the first models in all cases.
  public static let plainContract = Contracts.one(.plain)

  /// The share of the cases with a drawn contract, where every implementation computes whichever is asked for.
  public static let usualContractShare = 0.125

  /// The contract of case `index`, decided apart from everything else, so that the other cases are what they are in any
  /// share.
  func contract(seed: UInt64, index: UInt64) -> Contract {
    switch contracts {
    case .one(let contract): return contract
    case .drawn(let share):
      let place = Address(seed: seed, name: "contract").at(Int(truncatingIfNeeded: index))
      guard place.uniform < share else { return .plain }
      // "rule" in ASCII: other choices than those of the case.
      var lot = Lot(seed: seed ^ 0x7275_6c65, index: index)
      return lot.contract()
    }
  }
}

extension Profile {
  /// Why none of its cases can be exact, in a clause; nil where some can.
  package var reasonAgainstExactCases: String? {
    guard case .one(let contract) = contracts else { return nil }
    if !keepsWholeNumbers(contract) { return "the rule \(contract) rounds q and k" }
    if restriction.level == .model, !contract.reachesHalves {
      return "the gates of the rule \(contract) do not reach 1/2"
    }
    return nil
  }

  /// Whether there are channels that a rule has exact cases in.
  func keepsWholeNumbers(_ contract: Contract) -> Bool {
    families.isEmpty
      ? contract.keepsWholeNumbers(Dk: 4) : families.contains { contract.keepsWholeNumbers(Dk: $0.Dk) }
  }
}

extension Recipe {
  /// Asks for the rule of case `index`, and draws what is hard about it and about nothing else.
  mutating func join(_ profile: Profile, seed: UInt64, index: UInt64) {
    contract = profile.contract(seed: seed, index: index)
    // "hard" in ASCII.
    var lot = Lot(seed: seed ^ 0x6861_7264, index: index)
    // Beside those among all the inputs, so that one case in fifty has an argument past 89 whatever the contract.
    if level == .model, lot.chance(0.02) { drawArgument(&lot) }
    guard contract != .plain else { return }
    // Times what is infinite in fp32, a small input is anything.
    if contract.gate != .softplus, case .constant(let rate) = A_log, rate > 80 { A_log = .heads }
    let acting = contract.acting(at: level)
    if case .l2norm = acting.queryKey {
      if lot.chance(0.3) { keys = .lengths }
      if queries != .key, lot.chance(0.2) { queries = .lengths }
    }
    // beta = 2 turns a component round; among equal keys each token undoes the one before it.
    if contract.write == .doubleSigmoid {
      if lot.chance(0.3) {
        write = level == .model ? .logit(40) : .wide(low: lot.one(of: [0, 1, 2]), high: 2)
        if lot.chance(0.5) { keys = .equal }
      }
    }
    // Where keys have one or two directions and beta comes near 2, doubling in sub-blocks of 16, which is built in since
    // it was shipped, loses what a deployment would notice: that is for kernels of such a rule.
    if case .drawn = profile.contracts, contract.write == .doubleSigmoid, T > 2,
      keys.haveFewDirections || Dk <= 2
    {
      contract.write = .sigmoid
      if case .wide = write { write = .constant(0.9) }
    }
    self = fitted()
  }

  /// e^89 is infinite in fp32.
  private mutating func drawArgument(_ lot: inout Lot) {
    if case .constant(let rate) = A_log, rate > 10 { A_log = .heads }
    decay = .input(lot.one(of: [89.5, 95, 100, 200]), noise: 0)
  }
}

extension Recipe.Keys {
  /// Whether all keys of a head are near one line, or in one plane.
  fileprivate var haveFewDirections: Bool {
    switch self {
    case .equal, .flipped, .cone, .plane: true
    default: false
    }
  }
}

extension Lot {
  /// A contract, each part for itself; how states lie on the wire is nothing that a case could be hard by.
  fileprivate mutating func contract() -> Contract {
    var contract = Contract()
    contract.gate = one(weighing: [
      .softplus: 4, .bounded(-5, hasRate: true): 3, .bounded(-1, hasRate: true): 1,
      .bounded(-5, hasRate: false): 2,
    ])
    contract.write = chance(0.4) ? .doubleSigmoid : .sigmoid
    contract.queryKey = one(weighing: [
      .given: 4, .l2norm(epsilon: 1e-6): 5, .l2norm(epsilon: 1e-12): 1, .l2norm(epsilon: 1): 1,
    ])
    contract.scale = one(weighing: [.one: 4, .rsqrt: 4, .value(0.3): 1])
    contract.decay = chance(0.4) ? .log : .linear
    contract.state = one(weighing: [.fp32: 6, .bf16: 2, .fp16: 1])
    return contract
  }
}
