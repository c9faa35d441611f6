/// Where a specimen departs from the rule. What each is, and which fault of a real kernel it stands for, is said once,
/// where the mutants are listed; the code that consults it shows the departure itself.
enum Fault: String, Hashable, Sendable, CaseIterable {
  // gates
  case rateByKeyHead
  case rateExponentiatedTwice
  case biasAfterSoftplus
  case softplusOverflows
  case softplusFlat
  case softplusSlopeCollapses
  case softplusOffInOctave
  case logDecayFloor
  case logOfDecay
  case logOfUnderflow
  case rawWriteTakenForBeta
  case rateGradientWithoutRate
  case rateGradientMissesToken
  case biasGradientOfLastRow
  case writeGradientWithoutSlope

  // recurrence
  case predictionBeforeDecay
  case decayOfUpdate
  case correctionSkippedAtGateOne
  case readBeforeWrite
  case keyNormalisedAgain
  case queryScaledAgain
  case tokenDropped

  // heads
  case keyHeadModulo
  case groupKeepsLastHead
  case groupMissesHead
  case groupAveraged
  case groupOfFour
  case gramInTiledOrder
  case betaByKeyHead
  case gateOfFirstHead
  case betaHeadFirst

  // masks
  case maskHidesOutputOnly
  case maskKeepsDecay
  case maskLate
  case maskSkippedForOneRow
  case maskMultiplies
  case maskIsLength
  case backwardIgnoresMask
  case maskedCotangentFlows
  case maskedGradientStale

  // state
  case initialStateTransposed
  case finalStateTransposed
  case batchLeak
  case stateOnlyForOneToken
  case staleStateForOneToken
  case stateLostWithoutTokens
  case stateGradientNeedsCotangent
  case stateGradientOffsetTwice
  case finalCotangentIgnored
  case backwardFromZeroState
  case cotangentDroppedAtSegments
  case recomputedFromWrongBoundary
  case scratchOfPreviousHead

  // backward
  case decayGradientFromNewState
  case decayGradientBaseTwo
  case keyGradientWithoutWrite
  case keyGradientWithoutRead
  case valueGradientWithoutBeta
  case deltaCotangentWithoutOutput
  case queryGradientFromOldState
  case betaGradientUndecayed
  case stateGradientUndecayed
  case partialTileDropped
  case betaGradientOfLastTile
  case decayGradientOfLastTile
  case lanesTruncated
  case wideKeysTruncated
  case slabReused

  // chunk
  case gainTwice
  case outputUngated
  case outputOfUncorrectedUpdates
  case betaByColumn
  case updateWithoutChunkEnd
  case updateGatedTwice
  case lastDecayOnly
  case runningSumGlobal
  case endOfPaddedTail
  case endOfTile
  case tailDropped
  case exponentialsFactored
  case tieIsZero
  case differenceHeldAtFifty
  case maskAfterExponential
  case rowsPastEndOverflow
  case futureVisible
  case ownTokenHidden
  case anchorInFuture

  // channels of a chunk
  case anchorOfNeighbour
  case channelOfNeighbour
  case channelOfFirst
  case decayOnValueAxis
  case readUngated
  case keyGradientWithoutLater
  case channelGradientOfHead

  // solve
  case doublingShort
  case offDiagonalUnsolved
  case raggedBlockUnsolved
  case transposeForgotten
  case powersHalf
  case productsInTensorFloat

  // chunk backward
  case stateCotangentIdentity
  case inverseConstant
  case inverseGradientUncut
  case betaGradientWithoutInverse
  case decayGradientWithoutInverse
  case decayGradientWithoutState
  case chunkDecayWithoutState
  case reverseSumExclusive
  case reverseSumFromTotal
  case cotangentDroppedAtChunks
  case decayGradientOnDeadRow
  case backwardWithoutRunningSum
  case backwardOfHalfChunk
  case keyGradientWithoutState
  case keyGradientWithoutScores
  case queryGradientWithoutState

  // precision
  case betaBF16
  case decayBF16
  case finalStateBF16
  case stateBF16
  case boundaryBF16
  case runningSumBF16
  case crossingSumBF16
  case stateProductHalf
  case keysInTensorFloat
  case residualBF16
  case residualEarlyBF16
  case updatesApartBF16
  case diagonalTwice
  case exponentialFast
  case betaLarge
  case decayShifted
  case readoutHalf
  case writeSlopeHalf
  case halfTakenForBF16

  // structure
  case viewTakenForContiguous
  case indexWraps
  case sumBackwards
}
