import GatedDeltaRule

/// What is built in, one line each, compiled for the vectors of this module.
package enum Catalogue {
  /// Every implementation, controls last.
  package static let all: [any Implementation] = [
    Sequential(summary: "the recurrence as written, whole history kept"),
    CheckpointVJP(summary: "states at chunk boundaries, recomputed in the reverse sweep"),
    CheckpointVJP(
      name: "checkpoint-clamped", summary: "the same with upstream's floor of -20 under log g",
      gates: GateRule(clamp: .logDecay(floor: -20))),
    FusedBackward(summary: "one reverse sweep over saved history, four rows at a time"),
    FusedBackward(
      name: "fused-metal", summary: "the same in the Metal kernel's order of summation", order: .metal),
    Chunked(stable: "chunked-stable", summary: "UT/WY, forward substitution, segment products, no clamp"),
    Chunked(
      channels: "chunked-kda",
      summary: "UT/WY with a decay per channel, anchored in sub-blocks of 16, as upstream"),
    Chunked(
      upstream: "chunked",
      summary: "UT/WY as upstream, doubling in sub-blocks of \(Solve.defaultSubBlock)"),
    Chunked(
      upstream: "chunked-sb32", summary: "the same in sub-blocks of 32: known to fail",
      solve: Solve(.doubling, subBlock: 32), isControl: true),
  ]

  /// What the kernels of libraries compute, one line each: asked for by name.
  package static let libraries: [any Implementation] = [
    Tiled(
      name: "mlx-simdgroup",
      summary: "MLX core on a GPU, T > 8: chunks of 8, doubling, a floor in y; the recurrence's gradients",
      .simdgroup),
    Tiled(
      name: "mlx-simdgroup-input", summary: "the same with g and beta in the format of q", .simdgroup,
      gates: GateRule(roundsToInputs: true)),
    Tiled(
      name: "mlx-nax", summary: "the same on neural accelerators: chunks of 16, a fixed point", .accelerator),
  ]

  // MARK: variants, for reports that compare them

  /// The chunked form with its parts exchanged.
  package static func chunked(
    _ form: ChunkedForm, name: String, gates: GateRule = GateRule(clamp: .decay(floor: 1e-12))
  ) -> any Implementation {
    Chunked(name: name, summary: "a variant of the chunked form", gates: gates, form: form)
  }

  /// The checkpoint form with other gates.
  package static func checkpoint(name: String, gates: GateRule) -> any Implementation {
    CheckpointVJP(name: name, summary: "a variant of the checkpoint form", gates: gates)
  }

  /// MLX core's form with other gates, in chunks of 8 or 16.
  package static func tiled(name: String, ofEight: Bool, gates: GateRule) -> any Implementation {
    Tiled(
      name: name, summary: "a variant of MLX core's form", ofEight ? .simdgroup : .accelerator, gates: gates)
  }

  /// Tokens whose history the fused form holds at once.
  package static let fusedSegment = FusedBackward.segment

  /// The form of a chunked implementation that is built in.
  package static func chunkedForm(named name: String) -> ChunkedForm? {
    (all.first { $0.name == name } as? Chunked)?.form
  }
}
