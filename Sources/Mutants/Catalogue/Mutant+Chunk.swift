extension Mutant {
  static let chunks: [Mutant] = [
    Mutant(
      .chunk, .chunk, .gainTwice, "W has exp(c) in the right-hand side and outside too", model: "shainet#170"),
    Mutant(
      .chunk, .chunk, .outputUngated, "the plain causal mask in place of the decay mask",
      model: "GatedDeltaNet#15"),
    Mutant(
      .chunk, .chunk, .outputOfUncorrectedUpdates, "the output uses V~ in place of V~ - W S",
      model: "a term left out"),
    Mutant(
      .chunk, .chunk, .betaByColumn, "beta is on the columns of A, not on the rows",
      model: "an index's common error"),
    Mutant(
      .chunk, .chunk, .updateWithoutChunkEnd, "keys of the state's update lack exp(c_last)",
      model: "a factor left out"),
    Mutant(
      .chunk, .chunk, .updateGatedTwice, "keys of the state's update are gated twice",
      model: "fla-npu 07adc68c"),
    Mutant(
      .chunk, .chunk, .lastDecayOnly, "the state decays by the last g alone", model: "an index's common error"
    ),
    Mutant(
      .chunk, .chunk, .runningSumGlobal, "the running sum goes on from chunk to chunk", model: "fla ddee66d9"),
    Mutant(
      .chunk, .chunk, .endOfPaddedTail, "the decay to the end is read in the padding of a partial chunk",
      model: "sparkinfer#604"),
    Mutant(
      .chunk, .chunk, .endOfTile, "the decay to the end is read at the end of a tile",
      model: "flashinfer#4311"),
    Mutant(.chunk, .chunk, .tailDropped, "a last partial chunk is not processed", model: "fla-npu b418aa20"),
    Mutant(
      .chunk, .chunk, .exponentialsFactored, "exp(c_i) times exp(-c_j)", model: "FlashKDA#7"),
    Mutant(.chunk, .chunk, .tieIsZero, "a decay of exactly 1 reads as 0", model: "fla#104"),
    Mutant(
      .chunk, .chunk, .differenceHeldAtFifty, "differences of the running sum are held at -50",
      model: "fla-npu bae11ae0"),
    Mutant(
      .chunk, .chunk, .maskAfterExponential, "exp of a positive difference, masked only then",
      model: "fla 11765b2b"),
    Mutant(
      .chunk, .chunk, .rowsPastEndOverflow, "rows past the end have running sum 0: exp(0 - c) overflows",
      model: "fla#99"),
    Mutant(
      .chunk, .chunk, .futureVisible, "the upper triangle of the scores is not cleared",
      model: "fla-npu 83c90580"),
    Mutant(
      .chunk, .chunk, .ownTokenHidden, "a token does not see its own write", model: "an index's common error"),
    Mutant(
      .chunk, .coarseChunk, .anchorInFuture, "exp(c_i - c_j) is a product whose anchor is a later row",
      model: "fla's safe_gate"),
  ]

  static let solves: [Mutant] = [
    Mutant(
      .solve, .longChunk, "sub-block-32", "doubling in sub-blocks of 32", model: "vllm FlashKDA#10"
    ) { call in
      let solver = Specimen("sb32", .chunk(length: 64, subBlock: 32), summary: "")
      return solver.evaluate(call.problem, request: call.request)
    },
    Mutant(
      .solve, .chunk, .doublingShort, "one doubling too few", model: "a count's off-by-one"),
    Mutant(
      .solve, .chunk, .offDiagonalUnsolved, "blocks below the diagonal use rows not yet solved",
      model: "fla#792"),
    Mutant(
      .solve, .chunk, .raggedBlockUnsolved, "a last partial sub-block is not solved", model: "fla#673"),
    Mutant(
      .solve, .chunk, .transposeForgotten, "the reverse pass solves with A, not with its transpose",
      model: "fla 2675c107"),
    Mutant(
      .solve, .chunk, .powersHalf, "powers of a sub-block are kept in fp16", model: "fla-npu#249"),
    Mutant(
      .solve, .chunk, .productsInTensorFloat, "products between sub-blocks in reduced precision",
      model: "maxtext 44e0df4b5"),
  ]
}
