import GatedDeltaRule
import Oracle
import Support
import Testing

/// Errors seen from the directions in which wrong formulas push.
@Suite struct ProjectionTests {
  private func problem(_ mask: Sample.MaskKind = .none) throws -> Problem {
    let shape = try Shape(B: 2, T: 20, Hk: 1, Hv: 2, Dk: 4, Dv: 6)
    return try Sample(shape: shape, level: .core, mask: mask, seed: 3, hasState: true, hasCotangents: true)
      .problem
  }

  private func projection(
    _ quantity: Quantity, _ problem: Problem, _ derivatives: [(Input, Tensor)] = []
  ) throws -> (Projection, Tensor) {
    let reference = try #require(CrossCheck(problem).reference()[quantity])
    return (
      Projection(quantity, reference, on: problem, chunk: 8, derivatives: derivatives), reference
    )
  }

  /// The tensor with elements multiplied by 1.01 where a place, of the tensor's shape, is one of these.
  private func scaled(_ tensor: Tensor, where isScaled: ([Int]) -> Bool) -> Tensor {
    var scaled = tensor
    for i in tensor.values.indices {
      var (rest, place) = (i, [Int]())
      for size in tensor.shape.reversed() {
        place.insert(rest % size, at: 0)
        rest /= size
      }
      if isScaled(place) { scaled.values[i] *= 1.01 }
    }
    return scaled
  }

  private func gains(_ quantity: Quantity, where isScaled: ([Int]) -> Bool) throws -> [Double] {
    let (projection, reference) = try projection(quantity, problem())
    return projection.gains(of: scaled(reference, where: isScaled))
  }

  private func isGain(_ x: Double) -> Bool { (x - 0.01).magnitude < 1e-12 }

  @Test func `a result that is too large looks like a gain of itself and of each of its parts`() throws {
    for quantity in Quantity.all(at: .core) {
      let (projection, reference) = try projection(quantity, problem())
      let gains = projection.gains(of: scaled(reference) { _ in true })
      #expect(projection.ordinals.contains(Direction.whole.ordinal))
      #expect(projection.ordinals.allSatisfy { isGain(gains[$0]) }, "\(quantity)")
    }
  }

  @Test func `what is wrong in one part points there, and nowhere else of its kind`() throws {
    let head = try gains(.y) { $0[2] == 1 }
    #expect(isGain(head[Direction.head(1).ordinal]) && head[Direction.head(0).ordinal] == 0)
    let token = try gains(.dv) { $0[1] % 16 == 3 }
    #expect(isGain(token[Direction.token(3).ordinal]))
    #expect((0..<16).allSatisfy { $0 == 3 || token[Direction.token($0).ordinal] == 0 })
    let first = try gains(.y) { $0[1] % 8 == 0 }
    #expect(isGain(first[Direction.firstOfChunk.ordinal]) && first[Direction.lastOfChunk.ordinal] == 0)
    let last = try gains(.y) { $0[1] % 8 == 7 || $0[1] == 19 }
    #expect(isGain(last[Direction.lastOfChunk.ordinal]) && last[Direction.firstOfChunk.ordinal] == 0)
    let half = try gains(.dbeta) { $0[1] >= 10 }
    #expect(isGain(half[Direction.secondHalf.ordinal]) && half[Direction.firstHalf.ordinal] == 0)
    let channels = try gains(.stateOut) { $0[3] >= 2 }
    #expect(isGain(channels[Direction.upperChannels.ordinal]))
    #expect(channels[Direction.lowerChannels.ordinal] == 0)
    let key = try gains(.dk) { $0[3] < 2 }
    #expect(isGain(key[Direction.lowerChannels.ordinal]) && key[Direction.upperChannels.ordinal] == 0)
  }

  @Test func `what masked tokens hold is no error`() throws {
    let problem = try problem(.left)
    let (projection, reference) = try projection(.y, problem)
    var junk = reference
    let mask = try #require(problem.mask)
    for row in mask.live.indices where !mask.live[row] {
      for i in row * 12..<(row + 1) * 12 { junk.values[i] = .nan }
    }
    #expect(mask.live.contains(false))
    #expect(projection.gains(of: junk).allSatisfy { $0 == 0 })
  }

  @Test func `a gain of an input is a direction of its own`() throws {
    let problem = try problem()
    let (_, reference) = try projection(.y, problem)
    var draw = Random(seed: 1)
    let moved = Tensor(
      shape: reference.shape, precision: .fp64, values: reference.values.map { _ in draw.normal() })
    let (projection, _) = try projection(.y, problem, [(.beta, moved)])
    var found = reference
    for i in found.values.indices { found.values[i] += 0.01 * moved.values[i] }
    #expect((projection.gains(of: found)[Direction.gain(.beta).ordinal] - 0.01).magnitude < 1e-12)
    // Errors apart from each other make a gain of about that size.
    let noise = projection.deviations(of: found)[Direction.whole.ordinal]
    #expect(noise > 0 && projection.gains(of: found)[0].magnitude < 5 * noise)
  }
}
