extension Mutant {
  /// What loses as much as a public kernel's own form does, and passes where that is declared: named, and no fault. An
  /// error of this size is within the bound of products in bf16.
  public static let excused: [Mutant] = [
    Mutant(
      .precision, .coarseChunk, .residualEarlyBF16,
      "the residual v - S k is rounded to bf16 before beta multiplies it: where the state predicts v it vanishes",
      model: "FlashKDA"),
    Mutant(
      .precision, .coarseChunk, .updatesApartBF16,
      "U and W S are rounded to bf16 apart, and then subtracted: where the state predicts v it is all rounding",
      model: "fla chunk_gated_delta_rule"),
  ]
}
