import GatedDeltaRule
import Oracle
import Testing

@Suite struct RelativeErrorTests {
  private func tensor(_ values: [Double]) -> Tensor { Tensor(shape: [values.count], values: values) }

  @Test func `it is that of the norms and of the largest elements`() {
    let error = RelativeError(of: tensor([3, 4.5]), from: tensor([3, 4]))
    #expect(error.frobenius == 0.1)
    #expect(error.ofLargest == 0.125)
    #expect(RelativeError(of: tensor([0, 0]), from: tensor([0, 0])).frobenius == 0)
    #expect(RelativeError(of: tensor([1, 0]), from: tensor([0, 0])).ofLargest == .infinity)
  }

  @Test(arguments: [[Double.nan, 0], [.infinity, 0]])
  func `what is not a number is within no limit`(values: [Double]) {
    for (found, reference) in [(values, [1, 1]), ([1, 1], values), (values, values)] {
      let error = RelativeError(of: tensor(found), from: tensor(reference))
      #expect(!(error.frobenius < .infinity) && !(error.ofLargest < .infinity))
    }
    #expect(RelativeError(of: nil, from: tensor([1])).ofLargest == .infinity)
    #expect(RelativeError(of: tensor([1, 1]), from: tensor([1])).frobenius == .infinity)
  }

  /// Two tokens of one head, the first masked; a gradient by g as one by log g.
  @Test func `masked tokens do not count, and dg may count as g dg`() throws {
    let shape = try Shape(B: 1, T: 3, Hk: 1, Hv: 1, Dk: 1, Dv: 1)
    let gates = Gates.core(
      g: Tensor(shape: shape.gate, values: [0.5, 0.5, 0.25]), beta: Tensor(shape: shape.token, repeating: 0.5)
    )
    let problem = try Problem(
      shape: shape,
      primals: Primals(
        q: Tensor(shape: shape.key), k: Tensor(shape: shape.key), v: Tensor(shape: shape.value), gates: gates,
        state: nil),
      mask: Mask(B: 1, T: 3, live: [false, true, true]), cotangents: Outputs())
    let found = Tensor(shape: shape.gate, values: [.nan, 1, 6])
    let reference = Tensor(shape: shape.gate, values: [0, 1, 4])
    #expect(RelativeError(of: found, from: reference, .dg, on: problem).ofLargest == 0.5)
    let logarithmic = RelativeError(of: found, from: reference, .dg, on: problem, isLogarithmic: true)
    #expect(logarithmic.ofLargest == 0.5 && logarithmic.frobenius < 0.5)
    #expect(RelativeError(of: found, from: reference, .dstateIn, on: problem).ofLargest == .infinity)
  }
}
