extension Mutant {
  /// Faults of chunked forms with a decay for every key channel.
  static let channels: [Mutant] = [
    channel(
      .anchorInFuture, "the anchor of a sub-block is its last row: a factor grows for every pair before it",
      model: "fla's safe_gate"),
    channel(
      .exponentialsFactored, "channel by channel exp(c_i) times exp(-c_j), with no anchor",
      model: "FlashKDA#7"),
    channel(
      .anchorOfNeighbour, "the two factors of a pair have anchors of neighbouring sub-blocks",
      model: "an index's common error"),
    channel(
      .maskAfterExponential, "pairs of later tokens are masked after the exponential of their channels",
      model: "fla 11765b2b"),
    channel(
      .rowsPastEndOverflow, "in the reverse pass rows past the end have running sum 0 in every channel",
      model: "fla 3ead2892"),
    channel(
      .channelOfNeighbour, "pairs of two sub-blocks decay by the next channel's factor",
      model: "a stride's common error"),
    channel(
      .channelOfFirst, "inside a sub-block every channel decays by the first one's factor",
      model: "a broadcast's common error"),
    channel(
      .decayOnValueAxis, "the state decays along its value axis", model: "fla 800d20c7"),
    channel(.readUngated, "what is read before a write lacks exp(c)", model: "a factor left out"),
    channel(
      .updateGatedTwice, "keys of the state's update are gated twice in every channel",
      model: "fla-npu 07adc68c"),
    channel(
      .lastDecayOnly, "every channel of the state decays by its last g alone",
      model: "an index's common error"
    ),
    channel(.betaByColumn, "beta of the earlier token is in A", model: "an index's common error"),
    channel(
      .backwardWithoutRunningSum, "the reverse pass has g of every channel and not its running sum",
      model: "fla#662"),
    channel(
      .keyGradientWithoutLater, "dk lacks what a row adds to the pairs before its sub-block",
      model: "a term left out"),
    channel(
      .decayGradientWithoutInverse, "the gradient of the channels' decay lacks the pairs of keys",
      model: "a term left out"),
    channel(
      .chunkDecayWithoutState, "the gradient of the channels' decay lacks the state at the end",
      model: "a term left out"),
    channel(
      .reverseSumExclusive, "the reverse sum of the channels leaves out its own token",
      model: "a scan's common error"),
    channel(
      .channelGradientOfHead, "every channel's dg is the sum over its head",
      model: "a reduction's common error"),
    channel(
      .raggedBlockUnsolved, "a last partial sub-block of channels is not solved", model: "fla#673"),
  ]

  private static func channel(_ point: Fault, _ fault: String, model: String) -> Mutant {
    Mutant(.channels, .channelChunk, point, fault, model: model)
  }
}
