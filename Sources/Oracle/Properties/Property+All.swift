extension Property {
  /// Every property, one line each, the sharpest for its cost first.
  public static let all: [Property] = [
    .repeated,
    .forwardOnly,
    .absentIsZero,
    .fullMask,
    .deletion,
    .rightPadding,
    .leftPadding,
    .identityToken,
    .rowAlone,
    .rowOrder,
    .headAlone,
    .sharedKeys,
    .orderInGroup,
    .groupOrder,
    .valueOrder,
    .keyOrder,
    .signs,
    .zeroValues,
    .zeroKeys,
    .powersOfTwo,
    .splitting,
  ]

  /// The property of this name.
  public static func named(_ name: String) -> Property? { all.first { $0.name == name } }
}
