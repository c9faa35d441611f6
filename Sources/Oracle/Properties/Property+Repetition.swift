import GatedDeltaRule

extension Property {
  /// The same problem twice: the same answer. Up to: nothing, if repetition is promised; else it is counted how many
  /// elements have other bits.
  ///
  /// What computes in this process answers twice at once, on several threads each: no bit may depend on that.
  static let repeated = Property("repeated", .cheap) { runs, tally in
    let exactly = runs.exactness.contains(.repetition)
    let base = try runs.base(bounded: !exactly)
    for found in try runs.againAtOnce(bounded: !exactly, threads: runs.draw.element(of: [2, 3, 8])) {
      tally.compare(found, with: base, Quantity.allCases, exactly: exactly, in: runs.problem)
      if !exactly { tally.countMoved(found, from: base, Quantity.allCases, in: runs.problem) }
    }
  }

  /// Asking for no gradients changes neither y nor the final state.
  static let forwardOnly = Property("forward-only", .cheap) { runs, tally in
    let exactly = runs.exactness.contains(.inference)
    let base = try runs.base(bounded: !exactly)
    tally.compare(
      try runs.again(bounded: !exactly, gradients: false), with: base, [.y, .stateOut], exactly: exactly,
      in: runs.problem)
  }

  /// An absent state, an absent cotangent, stands for zeros: the problem with zeros in the place of what is absent,
  /// or without what is zero, has the same answer.
  static let absentIsZero = Property("absent-is-zero", .cheap, unless: nothingAbsentOrZero) { runs, tally in
    let exactly = runs.exactness.contains(.inertness)
    var other = Draft(runs.problem)
    for input in [Input.stateIn, .dy, .dstateOut] {
      if other[input] == nil {
        other[input] = other.zeros(input)
      } else if other[input]!.largestMagnitude == 0 {
        other[input] = nil
      }
    }
    let base = try runs.base(bounded: !exactly)
    let found = try runs.run(other, bounded: !exactly)
    tally.compare(found, with: base, Quantity.allCases, exactly: exactly, in: runs.problem)
  }

  @Sendable private static func nothingAbsentOrZero(_ problem: Problem) -> String? {
    let tensors = [problem.primals.state, problem.cotangents.y, problem.cotangents.state]
    let isOne = tensors.contains { ($0?.largestMagnitude ?? 0) == 0 }
    return isOne ? nil : "neither state nor a cotangent is absent or zero"
  }

  /// A mask that hides nothing is no mask.
  static let fullMask = Property(
    "full-mask", .cheap,
    unless: { $0.mask?.live.contains(false) ?? false ? "the mask hides tokens" : nil }
  ) { runs, tally in
    let exactly = runs.exactness.contains(.inertness)
    let (B, T) = (runs.problem.shape.B, runs.problem.shape.T)
    var other = Draft(runs.problem)
    other.mask = other.mask == nil ? Mask(B: B, T: T, live: [Bool](repeating: true, count: B * T)) : nil
    let base = try runs.base(bounded: !exactly)
    let found = try runs.run(other, bounded: !exactly)
    tally.compare(found, with: base, Quantity.allCases, exactly: exactly, in: runs.problem)
  }
}
