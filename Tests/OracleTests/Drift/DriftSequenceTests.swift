import GatedDeltaRule
import Generator
import Testing

@testable import Oracle

/// Tokens without end, in calls.
@Suite struct DriftSequenceTests {
  @Test func `its tokens are those of the recipe with seed after seed`() throws {
    let recipe = try Recipe(
      "v1/B2-T8-Hk1-Hv2-Dk2-Dv3/model/keys=random/decay=input:-15:0/write=0.1/bf16/seed=9")
    var sequence = try DriftSequence(recipe)
    for (piece, start) in [(0, 0), (0, 4094), (1, 4096), (2, 8200)] {
      var own = sequence.recipe
      own.seed = 9 + UInt64(piece)
      let whole = try own.render()
      let call = try sequence.call(start..<start + 2)
      #expect(call.shape.T == 2 && call.primals.state == nil && call.cotangents == Outputs())
      let first = start - piece * DriftSequence.piece
      for (input, tensor) in call.tensors {
        let other = try #require(whole.tensors.first { $0.input == input }).tensor
        let expected = input.isPerToken ? other.selecting([first, first + 1], axis: 1) : other
        #expect(tensor == expected, "\(input)")
      }
    }
  }
}
