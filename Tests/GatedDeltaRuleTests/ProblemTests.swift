import GatedDeltaRule
import Testing

@Suite struct ProblemTests {
  @Test func `impossible shapes are named`() throws {
    #expect(throws: InvalidProblem.heads(Hk: 2, Hv: 3)) { try Shape(B: 1, T: 1, Hk: 2, Hv: 3, Dk: 1, Dv: 1) }
    #expect(throws: InvalidProblem.dimension(name: "Dk", size: 0, least: 1)) {
      try Shape(B: 1, T: 1, Hk: 1, Hv: 1, Dk: 0, Dv: 1)
    }
    #expect(throws: InvalidProblem.tooLarge(shape: [1 << 60, 1, 1, 1])) {
      try Shape(B: 1 << 60, T: 1, Hk: 1, Hv: 1, Dk: 1, Dv: 1)
    }
    #expect(throws: InvalidProblem.self) { try Shape(B: .max, T: .max, Hk: 1, Hv: 1, Dk: 1, Dv: 1) }
  }

  func problem(g: Double, maskedFirst: Bool = false) throws -> Problem {
    let shape = try Shape(B: 1, T: 2, Hk: 1, Hv: 1, Dk: 1, Dv: 1)
    let ones = Tensor(shape: [1, 2, 1, 1], repeating: 1)
    let primals = Primals(
      q: ones, k: ones, v: ones,
      gates: .core(
        g: Tensor(shape: [1, 2, 1], values: [g, 1]), beta: Tensor(shape: [1, 2, 1], repeating: 1)),
      state: nil)
    let mask = maskedFirst ? Mask(B: 1, T: 2, live: [false, true]) : nil
    return try Problem(shape: shape, primals: primals, mask: mask, cotangents: Outputs())
  }

  @Test func `live values must be finite and decay not negative`() throws {
    #expect(throws: InvalidProblem.self) { try problem(g: .nan) }
    #expect(throws: InvalidProblem.negativeDecay(value: -0.5, index: 0)) { try problem(g: -0.5) }
    #expect(throws: Never.self) { try problem(g: .nan, maskedFirst: true) }
    #expect(throws: Never.self) { try problem(g: 0) }
  }

  @Test func `a tensor of the wrong shape is named`() throws {
    let shape = try Shape(B: 1, T: 3, Hk: 1, Hv: 1, Dk: 1, Dv: 1)
    let small = try problem(g: 1)
    #expect(throws: InvalidProblem.shape(name: "q", found: [1, 2, 1, 1], expected: [1, 3, 1, 1])) {
      try Problem(shape: shape, primals: small.primals, cotangents: Outputs())
    }
  }
}

@Suite struct TensorTests {
  @Test func `values change in place and as a whole`() {
    var tensor = Tensor(shape: [2, 2], values: [1, 2, 3, 4])
    tensor.values[3] = 5
    tensor.values.swapAt(0, 1)
    #expect(tensor.values == [2, 1, 3, 5])
    tensor.values = [0, 0, 0, 1]
    #expect(tensor == Tensor(shape: [2, 2], values: [0, 0, 0, 1]))
  }

  @Test func `there are always as many values as the shape says`() async {
    await #expect(processExitsWith: .failure) {
      var tensor = Tensor(shape: [2])
      tensor.values = [1, 2, 3]
    }
    await #expect(processExitsWith: .failure) {
      var tensor = Tensor(shape: [2])
      tensor.values.append(1)
    }
  }
}
