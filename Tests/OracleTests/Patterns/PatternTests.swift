import GatedDeltaRule
import Generator
import Oracle
import Testing

/// What is said of where a result is off.
@Suite struct PatternTests {
  private static let recipe = "v1/B2-T70-Hk2-Hv4-Dk4-Dv3/state=random/dstate=random/f32/seed=3"

  /// The pattern of a right answer in which `change` was made.
  private func pattern(
    of quantity: Quantity, on recipe: String = recipe, _ change: (inout [Double], [Int]) -> Void
  ) throws -> ErrorPattern? {
    let check = try CrossCheck(Recipe(recipe).render())
    let reference = check.reference()
    var answer = Evaluation(results: [:])
    for quantity in Quantity.all(at: check.problem.level) {
      answer.results[quantity] = reference[quantity]
    }
    var tensor = try #require(answer[quantity])
    change(&tensor.values, tensor.shape)
    answer.results[quantity] = tensor
    return ErrorPattern(answer, to: check, for: Declaration())
  }

  /// Changes what lies at these places.
  private func sentence(
    _ quantity: Quantity, on recipe: String = recipe, where isOff: ([Int]) -> Bool,
    change: (Double) -> Double = { $0 + 1 }
  ) throws -> String {
    let pattern = try pattern(of: quantity, on: recipe) { values, shape in
      for i in values.indices {
        var (rest, place) = (i, [Int]())
        for size in shape.reversed() {
          place.insert(rest % size, at: 0)
          rest /= size
        }
        if isOff(place) { values[i] = change(values[i]) }
      }
    }
    let part = try #require(pattern?.parts.first)
    #expect(part.quantity == quantity && pattern?.parts.count == 1)
    #expect(pattern?.right.contains(quantity) == false)
    return Report.sentence(part)
  }

  @Test func `a right answer has none`() throws {
    #expect(try pattern(of: .y) { _, _ in } == nil)
  }

  @Test func `places are named by their axis`() throws {
    #expect(try sentence(.dg) { $0[1] == 69 } == "wrong at the last token only")
    #expect(try sentence(.y) { $0[2] == 1 || $0[2] == 2 } == "wrong at value heads 1 and 2 of 4")
    #expect(try sentence(.y) { $0[2] == 0 || $0[2] == 2 } == "wrong at value heads 0, 2 of 4")
    #expect(
      try sentence(.y) { $0[1] >= 64 } == "wrong at tokens from 64 on (after the first chunk of 64)")
    #expect(try sentence(.stateOut) { $0[0] >= 1 } == "wrong at the last row of the batch only")
    #expect(
      try sentence(.dk) { $0[1] < 16 && $0[3] == 1 }
        == "wrong at tokens up to 15 (the first chunk of 16), key channel 1 of 4 only")
    #expect(try sentence(.dv) { _ in true } == "wrong everywhere")
    #expect(
      try sentence(.y) { $0[1] % 16 == 15 } == "wrong at tokens 15, 31, ... (every 16th)")
  }

  @Test func `what lies here and there is counted`() throws {
    let text = try sentence(.y) { ($0[0] + $0[1] + $0[2] + $0[3]) % 2 == 0 }
    #expect(text == "wrong at 840 of 1680 elements")
  }

  @Test func `a factor is told, and a sign, a zero and what is no number`() throws {
    #expect(
      try sentence(.y, where: { _ in true }) { $0 * 0.7071 } == "0.7071 times what it should be, everywhere")
    #expect(
      try sentence(.dq, where: { $0[2] == 1 }) { -$0 } == "of the opposite sign, at the last key head only")
    #expect(
      try sentence(.dstateIn, where: { $0[0] == 0 }) { _ in 0 }
        == "0 where it should not be, at the first row of the batch only")
    #expect(try sentence(.dv, where: { $0[1] == 3 }) { _ in .nan } == "inf or NaN, at token 3 only")
  }

  @Test func `heads that hold each other's results are told apart`() throws {
    let pattern = try pattern(of: .y) { values, shape in
      let right = values
      let (heads, width) = (shape[2], shape[3])
      for row in 0..<values.count / (heads * width) {
        for n in 0..<width {
          values[(row * heads + 1) * width + n] = right[(row * heads + 2) * width + n]
          values[(row * heads + 2) * width + n] = right[(row * heads + 1) * width + n]
        }
      }
    }
    let part = try #require(pattern?.parts.first)
    #expect(
      Report.sentence(part)
        == "value head 1 holds what 2 should, 2 holds what 1 should, at value heads 1 and 2 of 4")
  }

  @Test func `a result that is a token late is told`() throws {
    let pattern = try pattern(of: .y, on: "v1/B1-T9-Hk1-Hv2-Dk3-Dv3/f32/seed=4") { values, shape in
      let width = shape[2] * shape[3]
      values = Array(repeating: 7, count: width) + values.dropLast(width)
    }
    #expect(
      Report.sentence(try #require(pattern?.parts.first))
        == "every token holds what the one before it should, everywhere")
  }

  @Test func `what an output holds at a masked token is nobody's business, and a gradient there is`() throws {
    let masked = Self.recipe.replacing("/f32", with: "/mask=right:10/f32")
    #expect(try pattern(of: .y, on: masked) { values, _ in values[values.count - 1] += 1 } == nil)
    let leak = try pattern(of: .dv, on: masked) { values, _ in values[values.count - 1] += 1 }
    #expect(leak?.parts.map(\.off) == [1])
    #expect(leak.map { Report.sentence($0.parts[0]) } == "not 0 at masked tokens, 1 element")
  }

  @Test func `a strip shows tokens by heads in the width of a terminal`() throws {
    let long = "v1/B1-T300-Hk1-Hv2-Dk2-Dv2/mask=left:60/f32/seed=1"
    let pattern = try pattern(of: .y, on: long) { values, _ in
      for i in values.indices where i / 4 >= 128 && i / 2 % 2 == 1 { values[i] += 1 }
    }
    let lines = Report.lines(try #require(pattern), named: "as met")
    #expect(
      lines[0]
        == "as met: y: wrong at tokens from 128 on (after the first chunk of 128), the last value head only")
    #expect(lines.allSatisfy { $0.count <= 100 })
    let strips = lines.suffix(2)
    #expect(strips.first?.contains("X") == false && strips.last?.hasSuffix("XXXX") == true)
    #expect(strips.allSatisfy { $0.contains("----------...") })
  }
}
