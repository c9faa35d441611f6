import GatedDeltaRule

extension Mutant {
  static let precision: [Mutant] = alike + alone

  /// In both arithmetics.
  private static let alike: [Mutant] = [
    Mutant(.precision, .sequential, .betaBF16, "beta is rounded to bf16", model: "sglang#40362"),
    Mutant(.precision, .sequential, .decayBF16, "g is rounded to bf16", model: "mlx-lm#1217"),
    Mutant(
      .precision, .fused, .finalStateBF16, "the final state is stored in bf16", model: "fla 839e9696"),
    Mutant(
      .precision, .sequential, .stateBF16, "the state is kept in bf16 from token to token",
      model: "mlx-lm#997"),
    Mutant(
      .precision, .checkpoint, .boundaryBF16, "checkpoints are kept in bf16", model: "mlx-lm#1217 d4ee70af"),
    Mutant(
      .precision, .chunk, .runningSumBF16, "the running sum of log g is kept in bf16",
      model: "a low-precision sum"),
    Mutant(
      .precision, .chunk, .crossingSumBF16, "half of an antisymmetric sum goes through bf16",
      model: "FlashQLA#28"),
    Mutant(
      .precision, .chunk, .stateProductHalf, "<S, dS> is formed in half precision", model: "fla 2378b30f"),
    Mutant(
      .precision, .sequential, .keysInTensorFloat, "S k in TF32 products", model: "TileOPs#461"),
    Mutant(
      .precision, .sequential, .residualBF16,
      "S k is rounded to bf16, and v - S k, before beta multiplies it",
      model: "FlashKDA"),
    Mutant(
      .precision, .chunk, .diagonalTwice,
      "the term i = j of the gate's gradient is formed twice, once in TF32, and left to cancel",
      model: "fla, saturated gates"),
    Mutant(
      .precision, .sequential, .exponentialFast, "an exp that is off by 1e-4", model: "a fast exp"),
    Mutant(
      .precision, .sequential, .betaLarge, "beta is too large by 1e-5", model: "a sigmoid by table"),
    Mutant(
      .precision, .sequential, .decayShifted, "1e-6 is added to g", model: "an epsilon under a logarithm"),
    Mutant(
      .precision, .fused, .readoutHalf, "S q is stored in fp16, which ends at 65504", model: "vllm#54146"),
    Mutant(
      .precision, .sequential, .writeSlopeHalf, "the slope of sigmoid in half precision",
      model: "a gate's half kernel"),
    Mutant(
      .precision, .sequential, .halfTakenForBF16, "fp16 operands are read as bf16", model: "flashinfer#4219"),
  ]
  /// In fp32 alone: a kernel whose fp64 instance has no 16-bit path.
  private static let alone: [Mutant] = [
    alone(.sequential, .betaBF16, "beta is rounded to bf16", model: "sglang#40362"),
    alone(.sequential, .stateBF16, "the state is kept in bf16 from token to token", model: "mlx-lm#997"),
    alone(.fused, .finalStateBF16, "the final state is stored in bf16", model: "fla 839e9696"),
    alone(.checkpoint, .boundaryBF16, "checkpoints are kept in bf16", model: "mlx-lm#1217 d4ee70af"),
    alone(.chunk, .crossingSumBF16, "half of an antisymmetric sum goes through bf16", model: "FlashQLA#28"),
    alone(.chunk, .productsInTensorFloat, "products between sub-blocks in TF32", model: "maxtext 44e0df4b5"),
    alone(.sequential, .keysInTensorFloat, "S k in TF32 products", model: "TileOPs#461"),
    alone(.sequential, .exponentialFast, "an exp that is off by 1e-4", model: "a fast exp"),
    alone(
      .sequential, .writeSlopeHalf, "the slope of sigmoid in half precision", model: "a gate's half kernel"),
  ]

  private static func alone(_ clean: Specimen, _ point: Fault, _ fault: String, model: String) -> Mutant {
    Mutant(
      .precision, clean, Mutant.kebab(point.rawValue) + "-in-fp32-alone", fault + ", in fp32 alone",
      model: model
    ) { $0.inFP32Alone(point) }
  }
}

extension Call {
  /// With a fault in the working arithmetic, and right in fp64.
  func inFP32Alone(_ fault: Fault) -> Evaluation {
    guard request.arithmetic == .working else { return honest() }
    return clean.with(fault, named: clean.name, summary: "").evaluate(problem, request: request)
  }
}
