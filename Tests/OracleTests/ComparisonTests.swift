import GatedDeltaRule
import Oracle
import Support
import Testing

@Suite struct ComparisonTests {
  /// Elements are compared many at a time, and only those that may be the worst are looked at alone.
  @Test(arguments: Level.allCases, [Sample.MaskKind.none, .holes])
  func `the worst ratio is that of the elements one by one`(level: Level, mask: Sample.MaskKind) throws {
    let shape = try Shape(B: 2, T: 21, Hk: 1, Hv: 2, Dk: 5, Dv: 7)
    for seed in 0..<UInt64(8) {
      let problem = try Sample(shape: shape, level: level, family: .benign, mask: mask, seed: seed).problem
      let check = CrossCheck(problem)
      var random = Random(seed: seed)
      var answer = check.reference().evaluation
      for (quantity, tensor) in answer.results {
        let values = tensor.values.map { $0 * (1 + 0x1p-24 * random.normal()) }
        answer.results[quantity] = Tensor(shape: tensor.shape, values: values)
      }
      let declaration = Declaration(offersDouble: false)
      let judgement = check.judge(evaluation: answer, double: nil, declaration: declaration)
      for (quantity, ratios) in check.ratios(answer, declaration) {
        let width = ratios.count / (shape.B * shape.T)
        let live = ratios.enumerated().filter { i, _ in
          !quantity.isPerToken || problem.mask?.live[i / width] ?? true
        }
        let worst = live.map(\.element).max()
        #expect(judgement.ratios[quantity] == worst, "\(quantity) \(seed)")
      }
      #expect(judgement.ratios[.y] ?? 0 > 0)
    }
  }
}
