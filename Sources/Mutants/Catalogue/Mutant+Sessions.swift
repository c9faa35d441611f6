extension Mutant {
  /// Calls on a pool of states.
  static let sessions: [Mutant] = slots + beginnings + written + packed + batches + snapshots + forks

  private static let slots: [Mutant] = [
    Mutant(
      .sequential, .paddingIsLastSlot, "slot -1 of a row of padding is the last one, read and written",
      model: "vllm#34306"),
    Mutant(
      .sequential, .paddingIsFirstSlot, "slot -1 of a row of padding is slot 0, read and written",
      model: "vLLM-2080Ti#93"),
    Mutant(
      .sequential, .paddingIsLastRow, "a row of padding writes the slot of the last row that is none",
      model: "tpu-inference#2752"),
    Mutant(
      .sequential, .slotByRow, "the place of a row in the call is taken for its slot",
      model: "state indices ignored"),
    Mutant(
      .sequential, .slotModuloRows, "a slot is taken modulo the rows of the call",
      model: "a pool of one batch"),
    Mutant(
      .sequential, .slotsOfLastCall, "slots are those of the last call with as many rows",
      model: "a captured graph's buffers"),
    Mutant(
      .sequential, .slotOfFirstRow, "every row begins with the state of the first one", model: "a stride of 0"
    ),
    Mutant(
      .sequential, .statesSortedBySlot, "states are gathered in the order of their slots",
      model: "a gather by mask"),
    Mutant(
      .sequential, .slotStrideOfKeyHeads, "a slot is as far from the next as its key heads take",
      model: "fla#126"),
    Mutant(
      .sequential, .decodeSlotsFromFront, "slots of rows with one token are taken from the front of the call",
      model: "vLLM-Kunlun#252"),
  ]

  private static let beginnings: [Mutant] = [
    Mutant(
      .sequential, .freshIgnored, "a fresh row begins with what its slot holds", model: "lmdeploy#4434"),
    Mutant(
      .chunk, .freshTimesZero, "a fresh row begins with what its slot holds times zero",
      model: "a mask that multiplies"),
    Mutant(
      .sequential, .freshTokenTakesState, "a fresh row of one token begins with what its slot holds",
      model: "vllm#51562"),
    Mutant(
      .sequential, .continuedWithoutState, "a row of more than one token begins with no state",
      model: "transformers#45513"),
    Mutant(
      .sequential, .firstStateForFresh, "a fresh row begins with the state of the first row",
      model: "one flag for a call"),
    Mutant(
      .sequential, .statesOfLastBatchSize, "rows past the number of the last call begin with no state",
      model: "a cache of the batch before"),
    Mutant(
      .chunk, .stateFlowsIntoNextRow, "a fresh row begins with the state behind the row before it",
      model: "torchtitan#3892"),
    Mutant(
      .sequential, .scratchOfThreeRows, "from the third row on rows share one scratch state",
      model: "ik_llama.cpp#1933"),
  ]

  private static let written: [Mutant] = [
    Mutant(
      .sequential, .emptyRowUnwritten, "the slot of a fresh row without tokens keeps what it held",
      model: "flashinfer's prefill for SM90"),
    Mutant(
      .sequential, .emptyRowCleared, "the state of a row without tokens is cleared", model: "FlashQLA 7fd5525"
    ),
    Mutant(
      .sequential, .betweenCallsBF16, "the state goes through bf16 between calls, not inside one",
      model: "a pool in bf16"),
    Mutant(
      .sequential, .prefillTransposesState, "a call of more than one token leaves the state transposed",
      model: "sparkinfer#615"),
    Mutant(
      .sequential, .decodeUnwritten, "a call of one token leaves the state as it was", model: "mlx-lm#1024"),
    Mutant(
      .sequential, .unwrittenFromThreeRows, "no state is written in a call of three rows or more",
      model: "a batch past the tuned sizes"),
    Mutant(
      .sequential, .lastOddRowDropped, "of an odd number of rows the last is dropped",
      model: "two rows a block"),
    Mutant(
      .sequential, .verifyWritesPool, "drafts change the state while they are verified",
      model: "a verify on the decode path"),
    Mutant(
      .chunk, .othersLost, "slots of rows that a call does not have are cleared", model: "a pool out of place"
    ),
  ]

  private static let packed: [Mutant] = [
    Mutant(
      .sequential, .offsetsRectangular, "rows one after the other are taken to be of one length",
      model: "Megatron#2645"),
    Mutant(
      .chunk, .offsetsOfLastCall, "offsets are those of the last call with as many rows and tokens",
      model: "a cache by shape"),
    Mutant(
      .sequential, .lengthOfFirstRow, "no row is taken to be longer than the first",
      model: "a longest length of the first row"),
    Mutant(
      .chunk, .emptyRowsSkipped, "rows without tokens are left out of the offsets, not of the slots",
      model: "offsets made unique"),
    Mutant(
      .chunk, .chunksCountedInTokens, "chunks are cut from all tokens together, for the row of their first",
      model: "fla ddee66d9"),
    Mutant(
      .chunk, .lastTokenAtEdge, "a row's only token behind the edge of a chunk is lost",
      model: "fla-npu#367"),
    Mutant(
      .chunk, .tailOverruns, "the last chunk of a row goes on into the next row", model: "fla e4a870a3"),
    Mutant(
      .chunk, .decayAcrossRows, "the running sum of log g goes on from row to row", model: "fla#1137"),
    Mutant(
      .chunk, .scratchByTokens, "outputs of a chunk lie where they would if every chunk were full",
      model: "scratch sized by tokens"),
    Mutant(
      .sequential, .decodeWithoutDecay, "a call of one token forgets the decay",
      model: "a decode kernel of its own"),
    Mutant(
      .sequential, .decodeWritesWhole, "a call of one token writes all of v",
      model: "a decode kernel without beta"),
  ]

  private static let batches: [Mutant] = [
    Mutant(
      .sequential, .paddingAdvances, "states go on through the padding of a batch",
      model: "transformers#46773"),
    Mutant(
      .sequential, .maskOfLastCall, "the mask is that of the last batch of this shape",
      model: "a mask kept with its cache"),
    Mutant(
      .sequential, .maskAtLeft, "padding at the end is taken to be at the beginning", model: "mlx-vlm#1571"),
    Mutant(
      .chunk, .paddingTimesZero, "padding of a batch is multiplied by zero, and NaN in it stays",
      model: "flashinfer#4428"),
  ]

  private static let snapshots: [Mutant] = [
    Mutant(
      .sequential, .snapshotBeforeMissing, "no snapshot is taken before the first draft",
      model: "snapshots behind tokens alone"),
    Mutant(
      .sequential, .snapshotsRectangular,
      "snapshots are written as if all rows had as many drafts as the longest",
      model: "drafts of one length"),
    Mutant(
      .sequential, .draftsReadRectangular,
      "snapshots are read as if all rows had as many drafts as the longest",
      model: "ragged drafts in a rectangle"),
    Mutant(
      .sequential, .snapshotsReadBySlot, "snapshots lie by row and are read by slot",
      model: "two indices of one pool"),
    Mutant(
      .sequential, .rejectedStay, "drafts that are rejected stay in the state", model: "vllm#40738"),
    Mutant(
      .sequential, .keepsOneTooMany, "one token more is kept than is accepted",
      model: "the bonus token counted"),
    Mutant(
      .sequential, .keepsOneTooFew, "one token less is kept than is accepted", model: "an index for a count"),
    Mutant(
      .sequential, .snapshotsFromEnd, "the snapshot is as far from the first as are drafts rejected",
      model: "snapshots shifted by the number undone"),
    Mutant(
      .chunk, .nothingKeptIsLast, "where nothing is accepted the snapshot has index -1",
      model: "a count less one"),
    Mutant(
      .sequential, .acceptedOfFirstRow, "of every row as many drafts are kept as of the first",
      model: "one count for a batch"),
    Mutant(
      .sequential, .allAcceptedUnwritten, "where all drafts are accepted nothing is written",
      model: "a shortcut past the copy"),
  ]

  private static let forks: [Mutant] = [
    Mutant(
      .sequential, .forkShares, "a fork shares its memory from then on", model: "a copy that is a view"),
    Mutant(
      .sequential, .forkBackwards, "a fork copies from the new row to the old one", model: "source and target"
    ),
    Mutant(
      .chunk, .forkOfHalfTheHeads, "a fork copies half of the heads", model: "a copy by one rank of two"),
  ]
}
