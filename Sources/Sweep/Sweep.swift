import GatedDeltaRule

/// One pass forward and one back over every head, in Double: the numbers and, if measured, their bounds.
///
/// The pass runs over the live tokens only: a masked token does not exist here, so nothing it holds can leak.
/// States are kept at the boundaries of segments; the way back recomputes one segment at a time. The last one
/// still stands when the way back begins, so that short problems recompute nothing.
final class Sweep<Mode: SweepMode> {
  let problem: Problem
  let shape: Shape
  let gates: GateTable
  let errors: GateErrors
  let model: ErrorModel
  /// u of the arithmetic that is bounded.
  let u: Double
  /// What rounding an operand of a product to a coarser format costs.
  let ofOperand: Double
  /// Whether there is a way back.
  let differentiates: Bool
  /// Whether the two terms of dk are wanted apart.
  let splitsKeyGradient: Bool
  let values: QuantityBuffers
  let bounds: QuantityBuffers
  let partials: PartialBuffers?
  let isModel: Bool
  /// Whether the gradient of the decay is one by an input of its logarithm.
  let isByLog: Bool
  /// Whether lambda is bounded, and whether there is an A_log.
  let isBounded, hasRate: Bool
  /// What an fp32 1 - beta / (1 or 2) costs, over u beta.
  let ofRest: Double
  /// Decay factors per token and head.
  let width: Int
  /// The largest magnitude met, in each lane.
  var largest = Rows.zero
  /// The same, of what is computed once per token.
  var largestOfToken = 0.0

  // Dimensions of one head.
  let K: Int
  let V: Int
  let groupSize: Int
  /// Blocks of four rows.
  let blocks: Int
  /// Live tokens of a segment.
  let segment = 64
  let scratch: SweepScratch
  /// Chunked form in one arithmetic throughout, one decay a token: what pairs of tokens lose is looked at one by one.
  let pairs: ChunkPairs?
  /// What the problem holds.
  let inputs: SweepInputs
  /// What the rows of the first state may be off by, [B, Hv, Dv]; empty where it is exact.
  let stateErrors: [Double]
  /// Where q and k are not as they are given.
  let layer: QueryKeyLayer?

  // The token under work.
  var live: [Int] = []
  var b = 0
  var h = 0
  var t = 0
  /// Its index into [B, T, Hv], and that of its key and query into their tensors.
  var token = 0
  var key = 0
  /// [Dk] each: its key, its query, its decay and, per channel, eps_g.
  var k, q, g, epsilon: UnsafePointer<Double>
  var beta = 0.0
  var write = 0.0  // eps_beta
  var keyNorm = 0.0
  var queryNorm = 0.0
  var largestDecay = 0.0
  var decayError = 0.0  // eps_g of a scalar decay
  var growth = 0.0  // max_j g_j (1 + eps_gj)
  var rho = 1.0
  /// Where the contract normalises or scales: how far key and query are off, in the norm.
  var (ofKey, ofQuery) = (0.0, 0.0)
  /// Chunked form: the crossing terms of the tokens from here to the end of the chunk.
  var crossing = 0.0
  let isChunked: Bool
  let chunkLength: Double  // tokens of a chunk, at most T
  /// What one operation of the chunked form may lose absolutely.
  let etaOfProducts: Double
  /// What the channels of an operand lose below the normal numbers of a coarse format, over what it multiplies.
  let flushOfOperand: Double
  var reads = 0.0  // tokens of the chunk up to this one, and from it on
  var rest = 0.0
  var decayLog = 0.0  // max_j g_j (1 + |log g_j|)

  /// - Parameter sibling: another sweep over the same problem, whose results this one's heads belong to as well.
  init(
    _ problem: Problem, gates: GateTable, errors: GateErrors, inputs: SweepInputs, model: ErrorModel,
    layer: QueryKeyLayer?, gradients: Bool, stateErrors: [Double] = [], sibling: Sweep? = nil
  ) {
    (self.problem, self.gates, self.errors, self.model) = (problem, gates, errors, model)
    (self.inputs, self.layer, self.stateErrors, differentiates) = (inputs, layer, stateErrors, gradients)
    shape = problem.shape
    (K, V, u, groupSize) = (shape.Dk, shape.Dv, model.u, shape.groupSize)
    blocks = (shape.Dv + 3) / 4
    isChunked = model.chunk != nil
    chunkLength = Double(min(model.chunk ?? 0, shape.T))
    (isModel, width, etaOfProducts) = (problem.level == .model, shape.decayWidth, model.etaOfProducts)
    flushOfOperand =
      model.etaOfProducts > ErrorModel.eta ? Double(shape.Dk).squareRoot() * model.etaOfProducts : 0
    (isByLog, isBounded) = (isModel || problem.givesLogDecay, problem.leastLogDecay != nil)
    (ofRest, hasRate) = (2 * problem.writeFactor, problem.contract.hasRate)
    values = sibling?.values ?? QuantityBuffers(problem)
    bounds = sibling?.bounds ?? (Mode.measures ? QuantityBuffers(problem) : values)
    partials = sibling?.partials ?? (Mode.measures ? PartialBuffers(shape, model) : nil)
    (ofOperand, splitsKeyGradient) = (model.ofOperand, Mode.measures && model.roundsShares)
    scratch = SweepScratch(shape, blocks: blocks, segment: segment)
    let hasPairs =
      Mode.measures && !Mode.perChannel && gradients && isChunked && model.ofOperand == 0
      && Int(chunkLength) <= ChunkPairs.limit
    pairs =
      hasPairs ? ChunkPairs(channels: shape.Dk, blocks: blocks, tokens: max(Int(chunkLength), 1)) : nil
    live.reserveCapacity(shape.T)
    g = UnsafePointer(scratch.g)
    (k, q, epsilon) = (g, g, g)
  }

  /// Roundings of what is stored between products.
  var stored: Double { max(u, ofOperand) }

  /// Roundings of a sum of `n` products: of every term and partial sum, and of both operands if they are coarser.
  func ofProducts(_ n: Double) -> Double { n * u + 2 * ofOperand }
}
