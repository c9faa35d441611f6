/// Where an engine departs from what it is asked in a session. What each is, and which fault of a real engine it stands
/// for, is said once, where the mutants are listed; the code that consults it shows the departure itself.
enum SessionFault: String, Hashable, Sendable, CaseIterable {
  // which slot
  case paddingIsLastSlot
  case paddingIsFirstSlot
  case paddingIsLastRow
  case slotByRow
  case slotModuloRows
  case slotsOfLastCall
  case slotOfFirstRow
  case statesSortedBySlot
  case slotStrideOfKeyHeads
  case decodeSlotsFromFront

  // which state a row begins with
  case freshIgnored
  case freshTimesZero
  case freshTokenTakesState
  case continuedWithoutState
  case firstStateForFresh
  case statesOfLastBatchSize
  case stateFlowsIntoNextRow
  case scratchOfThreeRows

  // what is written back
  case emptyRowUnwritten
  case emptyRowCleared
  case betweenCallsBF16
  case prefillTransposesState
  case decodeUnwritten
  case unwrittenFromThreeRows
  case lastOddRowDropped
  case verifyWritesPool
  case othersLost

  // rows one after the other
  case offsetsRectangular
  case offsetsOfLastCall
  case lengthOfFirstRow
  case emptyRowsSkipped
  case chunksCountedInTokens
  case lastTokenAtEdge
  case tailOverruns
  case decayAcrossRows
  case scratchByTokens
  case decodeWithoutDecay
  case decodeWritesWhole

  // rows in a batch
  case paddingAdvances
  case maskOfLastCall
  case maskAtLeft
  case paddingTimesZero

  // snapshots
  case snapshotBeforeMissing
  case snapshotsRectangular
  case snapshotsReadBySlot
  case draftsReadRectangular
  case rejectedStay
  case keepsOneTooMany
  case keepsOneTooFew
  case snapshotsFromEnd
  case nothingKeptIsLast
  case acceptedOfFirstRow
  case allAcceptedUnwritten

  // forks
  case forkShares
  case forkBackwards
  case forkOfHalfTheHeads
}
