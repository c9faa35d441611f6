extension Property {
  /// Every property, one line each, those that need no further run first.
  package static let all: [Property] = [
    .queryScale,
    .keyScale,
    .stateScale,
    .gateSums,
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
    .pureDecay,
    .readAfterWrite,
    .poison,
    .dotProduct,
    .timeReversal,
    .splitting,
    .differences,
    .agreement,
    .prefix,
    .prefixGradients,
    .suffixGradients,
  ]

  /// The property of this name.
  package static func named(_ name: String) -> Property? { all.first { $0.name == name } }
}
