extension Mutant {
  static let backward: [Mutant] = [
    Mutant(
      .backward, .sequential, .decayGradientFromNewState, "dg reads the state after the token",
      model: "a history's off-by-one"),
    Mutant(
      .backward, .sequential, .decayGradientBaseTwo, "dg is that of a gate in base 2",
      model: "fla-npu bae11ae0"),
    Mutant(
      .backward, .sequential, .keyGradientWithoutWrite, "dk lacks the path of the write",
      model: "fla 2675c107"),
    Mutant(
      .backward, .fused, .keyGradientWithoutRead, "dk lacks the path of the prediction",
      model: "a chain rule's common error"),
    Mutant(
      .backward, .sequential, .valueGradientWithoutBeta, "dv lacks the factor beta",
      model: "a chain rule's common error"),
    Mutant(
      .backward, .sequential, .deltaCotangentWithoutOutput, "the write's cotangent lacks the token's own dy",
      model: "an order in the reverse sweep"),
    Mutant(
      .backward, .checkpoint, .queryGradientFromOldState, "dq reads the state before the token",
      model: "a history's off-by-one"),
    Mutant(
      .backward, .sequential, .betaGradientUndecayed, "dbeta takes the prediction from the undecayed state",
      model: "an order in the reverse sweep"),
    Mutant(
      .backward, .checkpoint, .stateGradientUndecayed, "dS0 lacks the decay of the first token",
      model: "a loop's off-by-one"),
    Mutant(
      .backward, .fused, .partialTileDropped, "the last partial tile of rows is missing in dq, dk, dg, dbeta",
      model: "mlx-lm#1217"),
    Mutant(
      .backward, .fused, .betaGradientOfLastTile, "every tile writes dbeta into one slot",
      model: "fla 574eedb7"),
    Mutant(
      .backward, .fused, .decayGradientOfLastTile, "every tile writes dg into one slot", model: "fla 7d808a33"
    ),
    Mutant(
      .backward, .sequential, .slabReused, "channels past the first slab read the first slab again",
      model: "fla de2ccc24"),
  ]

  static let chunkBackward: [Mutant] = [
    Mutant(
      .chunkBackward, .chunk, .stateCotangentIdentity, "dS passes a chunk without -W^T dV",
      model: "TileOPs#632"),
    Mutant(
      .chunkBackward, .chunk, .inverseConstant, "the inverse is taken for a constant", model: "TileOPs#632"),
    Mutant(
      .chunkBackward, .chunk, .inverseGradientUncut, "dA is not cut to the strict triangle",
      model: "fla-npu 83c90580"),
    Mutant(
      .chunkBackward, .chunk, .betaGradientWithoutInverse, "dbeta lacks the part through A", model: "fla#862"),
    Mutant(
      .chunkBackward, .chunk, .decayGradientWithoutInverse, "dlog g lacks the part through A",
      model: "fla 7d808a33"),
    Mutant(
      .chunkBackward, .chunk, .decayGradientWithoutState, "dlog g lacks the part through W",
      model: "fla 7d808a33"),
    Mutant(
      .chunkBackward, .chunk, .chunkDecayWithoutState, "dlog g at the chunk's end lacks <S, dS>",
      model: "fla#889"),
    Mutant(
      .chunkBackward, .chunk, .reverseSumExclusive, "the reverse sum leaves its own token out",
      model: "a loop's off-by-one"),
    Mutant(
      .chunkBackward, .chunk, .reverseSumFromTotal, "the reverse sum is the total less a prefix: it cancels",
      model: "fla#1095"),
    Mutant(
      .chunkBackward, .chunk, .cotangentDroppedAtChunks, "dS starts from zero at every chunk",
      model: "TileOPs#632"),
    Mutant(
      .chunkBackward, .chunk, .decayGradientOnDeadRow,
      "dlog g of a partial chunk is put on a row past its end",
      model: "fla#1143"),
    Mutant(
      .chunkBackward, .chunk, .backwardWithoutRunningSum,
      "the reverse pass forms g again, but not its running sum",
      model: "fla#662"),
    Mutant(
      .chunkBackward, .chunk, .backwardOfHalfChunk, "the reverse pass has chunks of another length",
      model: "fla#876"),
    Mutant(
      .chunkBackward, .chunk, .keyGradientWithoutState, "dk lacks dW's part through the state",
      model: "TileOPs#632"),
    Mutant(
      .chunkBackward, .chunk, .keyGradientWithoutScores, "dk lacks the part through the scores",
      model: "fla#862"),
    Mutant(
      .chunkBackward, .chunk, .queryGradientWithoutState, "dq lacks the part that reads the state",
      model: "a term left out"),
  ]
}
