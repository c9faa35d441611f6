import GatedDeltaRule

/// A training run: from one seed, one curve.
package struct Run: Sendable {
  /// Steps.
  package var iterations: Int
  /// Rows and tokens of a batch.
  package var B = 4, T = 96
  /// Of the text, the model and the batches.
  package var seed: UInt64 = 1
  /// The largest step of a parameter, at the start; it falls to zero linearly. A larger one makes training chaotic,
  /// and then every reordering is another run.
  package var rate: Float = 4e-3

  /// That many steps, everything else as in the report.
  package init(iterations: Int) { self.iterations = iterations }

  /// The loss before every step, in nats a token.
  ///
  /// - Parameter report: called after every step.
  package func losses(
    of layer: any Implementation, perturbation: Float = 0, report: () -> Void = {}
  ) throws -> [Double] {
    let text = Text(sentences: 400, seed: seed)
    var model = try LanguageModel(
      layer: layer, B: B, T: T, vocabulary: text.vocabulary, seed: seed, perturbation: perturbation)
    var random = Random(seed: seed + 1)
    return try (1...max(iterations, 1)).map { number in
      let batch = (0..<B).map { _ in
        let first = random.index(below: text.tokens.count - T - 1)
        return Array(text.tokens[first...first + T])
      }
      defer { report() }
      let remaining = 1 - Float(number - 1) / Float(iterations)
      return try model.step(batch, number: number, rate: rate * remaining)
    }
  }
}
