import GatedDeltaRule
import Testing

@testable import Foreign

/// What a hello says of how chunks are put together.
@Suite struct ArrangementTests {
  static let hello = [
    "form": "chunked:64", "roundings": "products:input", "wy": "split", "residual": "products",
    "exponents": "factored",
    "system": "solution", "solve": "input", "dg": "cumsum", "inverse": "powers", "operands": "gram,state",
  ]

  @Test func `every key is taken over`() throws {
    let said = try Declaration(frame: Frame(metadata: ArrangementTests.hello), input: .bf16).arrangement
    var expected = Arrangement()
    (expected.wy, expected.exponents, expected.system) = (.split, .factored, .solution)
    expected.residual = .products
    (expected.solve, expected.dg, expected.inverse) = (.bf16, .cumsum, .powers)
    expected.products = [.gram, .state]
    #expect(said == expected)
  }

  @Test func `silence leaves the text of a declaration as it was`() throws {
    let plain = try Declaration(frame: Frame(metadata: ["form": "chunked:64"]))
    #expect(plain.arrangement == nil)
    #expect(!plain.text.contains("arrangement") && !plain.text.contains("Arrangement"))
    let said = try Declaration(frame: Frame(metadata: ["form": "chunked:64", "dg": "cumsum"]))
    #expect(said.text.hasPrefix(plain.text + "; "))
  }

  @Test func `a law keeps the order of operations and drops its formats`() throws {
    let declared = try Declaration(frame: Frame(metadata: ArrangementTests.hello), input: .fp32)
    let judged = try Law("plain").replacing(declared, input: .fp32).arrangement
    #expect(judged?.wy == .split && judged?.dg == .cumsum)
    #expect(declared.arrangement?.solve == .fp32 && judged?.solve == nil && judged?.products == nil)
  }
}
