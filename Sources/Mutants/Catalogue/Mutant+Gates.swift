extension Mutant {
  static let gates: [Mutant] = [
    Mutant(.gates, .sequential, .rateByKeyHead, "A_log is read by key head", model: "fla a1e135ba"),
    Mutant(
      .gates, .sequential, .rateExponentiatedTwice, "exp(A_log), which the file held, is exponentiated again",
      model: "shainet#204"),
    Mutant(
      .gates, .sequential, .biasAfterSoftplus, "dt_bias is added after softplus",
      model: "a port's common error"),
    Mutant(
      .gates, .sequential, .softplusOverflows, "softplus as log(1 + exp x), without a threshold",
      model: "lattice#235"),
    Mutant(.gates, .sequential, .softplusFlat, "softplus is 0 below -5", model: "tt-metal#51866"),
    Mutant(
      .gates, .sequential, .softplusSlopeCollapses, "the slope of softplus is 0 above 88",
      model: "tt-metal#56397"),
    Mutant(
      .gates, .sequential, "softplus-off-in-octave-in-fp32-alone",
      "softplus is off by 64 ulp where 0.5 <= x < 1, in fp32 alone", model: "a table of softplus, one entry"
    ) { $0.inFP32Alone(Fault.softplusOffInOctave) },
    Mutant(
      .gates, .sequential, .logDecayFloor, "log g is held at -20 and its gradient cut", model: "mlx-lm#1217"),
    Mutant(.gates, .sequential, .logOfDecay, "log g is taken for g", model: "flashinfer#2490"),
    Mutant(
      .gates, .chunk, .logOfUnderflow, "log of a g that underflowed: -inf less -inf",
      model: "executorch#21417"),
    Mutant(
      .gates, .sequential, .rawWriteTakenForBeta, "b goes for beta, without the sigmoid",
      model: "PrismML llama.cpp#237"),
    Mutant(
      .gates, .sequential, .rateGradientWithoutRate, "dA_log lacks the factor exp(A_log)",
      model: "a chain rule's common error"),
    Mutant(
      .gates, .checkpoint, .rateGradientMissesToken, "the sum for dA_log leaves the last token out",
      model: "a loop's off-by-one"),
    Mutant(
      .gates, .sequential, .biasGradientOfLastRow, "ddt_bias keeps the share of the last batch row",
      model: "fla 7d808a33"),
    Mutant(
      .gates, .fused, .writeGradientWithoutSlope, "db lacks the factor 1 - beta",
      model: "a chain rule's common error"),
  ]

  static let recurrence: [Mutant] = [
    Mutant(
      .recurrence, .sequential, .predictionBeforeDecay, "the prediction reads the state before its decay",
      model: "asked in fla#885"),
    Mutant(
      .recurrence, .sequential, .decayOfUpdate, "the decay falls on what is being written too",
      model: "fla-npu 07adc68c"),
    Mutant(
      .recurrence, .sequential, .correctionSkippedAtGateOne, "no correction where g is exactly 1",
      model: "fla f636f5a1"),
    Mutant(
      .recurrence, .checkpoint, .readBeforeWrite, "y is read before the write", model: "a port's common error"
    ),
    Mutant(
      .recurrence, .fused, .keyNormalisedAgain, "keys are normalised a second time, with an epsilon",
      model: "mlx-lm#1624"),
    Mutant(
      .recurrence, .sequential, .queryScaledAgain, "queries are scaled by Dk^-1/2 a second time",
      model: "fla 9f8eb945"),
    Mutant(
      .recurrence, .checkpoint, .tokenDropped, "the last token is not processed", model: "fla#88"),
    Mutant(
      .recurrence, .sequential, .lanesTruncated, "key channels past a multiple of four are dropped",
      model: "mlx-swift-lm#381"),
  ]

  static let heads: [Mutant] = [
    Mutant(
      .heads, .sequential, .keyHeadModulo, "value head h reads key head h mod Hk", model: "sglang#36722"),
    Mutant(
      .heads, .fused, .groupKeepsLastHead, "dq and dk keep the last head of a group", model: "fla 574eedb7"),
    Mutant(
      .heads, .sequential, .groupMissesHead, "the sum over a group misses its first head",
      model: "fla-npu b43ce46e"),
    Mutant(
      .heads, .sequential, .groupOfFour, "dq and dk of a group leave out its fifth head and those after it",
      model: "a tile of four heads"
    ).needing(.size),
    Mutant(
      .heads, .checkpoint, .groupAveraged, "dq and dk are averaged over a group, not summed",
      model: "a port's common error"),
    Mutant(
      .heads, .chunk, .gramInTiledOrder, "Gram matrices go to value heads in tiled order",
      model: "mlx-lm#1389"),
    Mutant(.heads, .sequential, .betaByKeyHead, "beta is not repeated over a group", model: "fla#624"),
    Mutant(
      .heads, .fused, .gateOfFirstHead, "the head's offset is missing where g is loaded", model: "fla#1085"),
    Mutant(
      .heads, .sequential, .betaHeadFirst, "lengths and heads are unpacked in the wrong order",
      model: "transformers#41036"),
  ]

  static let masks: [Mutant] = [
    Mutant(
      .masks, .sequential, .maskHidesOutputOnly, "a masked token hides y but still writes",
      model: "mlx-lm c2783f3a"),
    Mutant(.masks, .chunk, .maskKeepsDecay, "a masked token still decays", model: "maxtext#5295"),
    Mutant(
      .masks, .sequential, .maskLate, "the mask is read one token late", model: "a port's common error"),
    Mutant(
      .masks, .sequential, .maskSkippedForOneRow, "the mask is ignored where B is 1",
      model: "transformers#46773"),
    Mutant(
      .masks, .chunk, .maskMultiplies, "the mask is multiplied in: NaN in a pad stays NaN",
      model: "mlx-lm#1389"),
    Mutant(
      .masks, .fused, .maskIsLength, "the mask is read as a length: padding is always on the right",
      model: "a port's common error"),
    Mutant(
      .masks, .fused, .backwardIgnoresMask, "the reverse pass knows of no mask", model: "mlx-lm#1217"),
    Mutant(
      .masks, .sequential, .maskedCotangentFlows, "dy at a masked token reaches the state",
      model: "mlx-lm#1072"),
    Mutant(
      .masks, .sequential, "mask-takes-another-path", "with a mask another path runs, which rounds g to bf16",
      model: "mlx-lm#1217"
    ) { call in
      guard call.problem.mask != nil else { return call.honest() }
      return call.clean.with(.decayBF16, named: call.clean.name, summary: "").evaluate(
        call.problem, request: call.request)
    },
    Mutant(
      .masks, .sequential, .maskedGradientStale, "dg at a masked token holds that of the token before",
      model: "FlashQLA#36"),
  ]

  static let states: [Mutant] = [
    Mutant(
      .state, .sequential, .initialStateTransposed, "the initial state is read transposed",
      model: "sgl-kernel-npu#761"),
    Mutant(
      .state, .fused, .finalStateTransposed, "the final state is written transposed", model: "sparkinfer#615"),
    Mutant(
      .state, .sequential, .batchLeak, "the state flows from one batch row into the next", model: "NeMo#2147"),
    Mutant(
      .state, .sequential, .stateOnlyForOneToken, "the initial state is used where T is 1 alone",
      model: "transformers#45513"),
    Mutant(
      .state, .sequential, .staleStateForOneToken, "one token without a state reads a stale one",
      model: "vllm#51562"),
    Mutant(
      .state, .checkpoint, .stateLostWithoutTokens, "without a token the final state is zero",
      model: "FlashKDA#25"),
    Mutant(
      .state, .fused, .stateGradientNeedsCotangent, "dS0 is written only where dS_T is given",
      model: "FlashQLA 596ece2"),
    Mutant(
      .state, .sequential, .stateGradientOffsetTwice, "the offset into dS0 is added twice",
      model: "fla d149e5b1"),
    Mutant(
      .state, .fused, .finalCotangentIgnored, "dS_T is ignored", model: "a loss of y alone in a test"),
    Mutant(
      .state, .sequential, .backwardFromZeroState, "the reverse pass takes S0 for zero",
      model: "a history's off-by-one"),
    Mutant(
      .state, .checkpoint, .cotangentDroppedAtSegments, "dS is not carried over a checkpoint",
      model: "TileOPs#632"),
    Mutant(
      .state, .checkpoint, .recomputedFromWrongBoundary, "a segment is recomputed from the checkpoint before",
      model: "flashinfer#4572"),
    Mutant(
      .state, .fused, .scratchOfPreviousHead, "dS starts from what the previous head left in scratch",
      model: "lattice#190"),
  ]
}
