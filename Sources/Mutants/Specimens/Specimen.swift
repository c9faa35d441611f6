import GatedDeltaRule

/// A small, plain implementation, right in every respect but for the fault planted in it, if any.
///
/// It is written for reading: a fault is one deviation at one place of it, and the line beside is what a kernel
/// should do. Nothing of it is shared with the implementations that are built in.
public struct Specimen: Implementation {
  /// The five forms.
  enum Form: Hashable {
    /// States of one head at a time, a few rows at once, history kept for a segment of tokens and recomputed segment
    /// by segment in the reverse pass; nil stands for all rows and all tokens.
    case rows(tile: Int?, segment: Int?)
    /// UT/WY over chunks, the triangular system solved in sub-blocks by doubling.
    case chunk(length: Int, subBlock: Int)
    /// The same with a decay for every key channel, relative to an anchor in every sub-block.
    case channelChunk(length: Int, subBlock: Int)
  }

  /// What a person types after `--only`.
  public let name: String
  /// One sentence.
  public let summary: String
  let form: Form
  let fault: Fault?
  /// What it may round the operands of products to, for all that its declaration says; it then promises no bits and
  /// runs in no fp64.
  let products: ProductFormat

  init(
    _ name: String, _ form: Form, summary: String, fault: Fault? = nil, products: ProductFormat = .fp32
  ) {
    (self.name, self.form, self.summary, self.fault) = (name, form, summary, fault)
    self.products = products
  }

  /// Sequential, or UT/WY with the floor of 1e-12 that upstream has under g.
  public var declaration: Declaration {
    switch form {
    case .rows: Declaration(promisesBits: true)
    case .chunk(let length, _), .channelChunk(let length, _): chunked(length)
    }
  }

  private func chunked(_ length: Int) -> Declaration {
    let isPlain = products == .fp32
    var declaration = Declaration(
      form: .chunked(length: length), clamp: .decay(floor: 1e-12), offersDouble: isPlain,
      promisesBits: isPlain)
    declaration.products = products
    return declaration
  }

  /// The chunked ones take one kind of decay each.
  public func refusal(of problem: Problem) -> String? {
    switch (form, problem.shape.decayKind) {
    case (.chunk, .perChannel): "no decay per channel"
    case (.channelChunk, .scalar): "a decay per channel only"
    default: nil
    }
  }

  /// Outputs and gradients.
  public func evaluate(_ problem: Problem, request: Request) -> Evaluation {
    switch request.arithmetic {
    case .working: evaluate(problem, gradients: request.gradients, as: Float.self)
    case .double: evaluate(problem, gradients: request.gradients, as: Double.self)
    }
  }

  private func evaluate<R: Scalar>(_ problem: Problem, gradients: Bool, as: R.Type) -> Evaluation {
    let gates = GateRule<R>(problem, floor: declaration.clamp, fault)
    let sample = Sample(problem, gates, fault)
    var answer: Answer<R>
    switch form {
    case .rows(let tile, let segment):
      var sweep = RowSweep(sample, tile: tile, segment: segment)
      sweep.run(gradients: gradients)
      answer = sweep.answer
    case .chunk(let length, let subBlock), .channelChunk(let length, let subBlock):
      var sweep = ChunkSweep(sample, length: length, subBlock: subBlock)
      sweep.run(gradients: gradients)
      answer = sweep.answer
    }
    answer.finish(sample, stateCotangentIsGiven: problem.cotangents.state != nil)
    return answer.evaluation(gates, gradients: gradients)
  }
}

extension Specimen {
  /// The recurrence and its adjoint, whole history kept.
  public static let sequential = Specimen(
    "sequential", .rows(tile: nil, segment: nil), summary: "the recurrence and its adjoint, history kept")
  /// States kept every four tokens and recomputed from there.
  public static let checkpoint = Specimen(
    "checkpoint", .rows(tile: nil, segment: 4), summary: "states every four tokens, recomputed in between")
  /// Four rows of the state at a time, their shares of a gradient added up.
  public static let fused = Specimen(
    "fused", .rows(tile: 4, segment: nil), summary: "four rows of the state at a time")
  /// Chunks of eight tokens, sub-blocks of four.
  public static let chunk = Specimen(
    "chunk", .chunk(length: 8, subBlock: 4), summary: "UT/WY, chunks of eight, doubling in sub-blocks of four"
  )

  /// Chunks of the usual length, in which larger sub-blocks have room.
  public static let longChunk = Specimen(
    "chunk-64", .chunk(length: 64, subBlock: 4), summary: "the same with chunks of 64")

  /// The same as a kernel for tensor cores declares itself: products in bf16, no promise, nothing in fp64.
  public static let coarseChunk = Specimen(
    "chunk-bf16", .chunk(length: 64, subBlock: 4), summary: "the same, by the bound of products in bf16",
    products: .bf16)

  /// Decays per channel, with sub-blocks of four and their anchors.
  public static let channelChunk = Specimen(
    "channel-chunk", .channelChunk(length: 8, subBlock: 4),
    summary: "UT/WY with a decay per channel, anchored in sub-blocks of four")

  /// The clean ones: a check that fails one of them is wrong.
  public static let clean: [Specimen] = [
    sequential, checkpoint, fused, chunk, longChunk, coarseChunk, channelChunk,
  ]

  /// The same with a fault.
  func with(_ fault: Fault, named name: String, summary: String) -> Specimen {
    Specimen(name, form, summary: summary, fault: fault, products: products)
  }
}
