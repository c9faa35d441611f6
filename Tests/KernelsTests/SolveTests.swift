import GatedDeltaRule
import Implementations
import Kernels
import Support
import Testing

extension Solve: CustomTestStringConvertible {
  /// The method and the rows of its blocks.
  public var testDescription: String { "\(method) \(subBlock)" }

  static let all = Method.allCases.flatMap { method in
    [4, 8, 16, 20, 24, 32, 64].map { Solve(method, subBlock: $0) }
  }
}

@Suite struct SolveTests {
  /// Entries of order 1 / size, so that no power of A grows.
  func benign(size: Int) -> TriangularSystem {
    var random = Random(seed: UInt64(size))
    var A = [Double](repeating: 0, count: size * size)
    for i in 0..<size {
      for j in 0..<i { A[i * size + j] = random.normal() / Double(size) }
    }
    return TriangularSystem(
      size: size, columns: 5, A: A, R: (0..<size * 5).map { _ in random.normal() })
  }

  /// The largest; NaN if any is.
  func difference(_ found: [Double], _ expected: [Double]) -> Double {
    guard found.count == expected.count else { return .nan }
    return Tensor(shape: [found.count], values: zip(found, expected).map(-)).largestMagnitude
  }

  @Test(arguments: Solve.all)
  func `every solve finds the same solution, and that of the transpose`(solve: Solve) {
    for size in [8, 32, 64, 128] {
      let system = benign(size: size)
      for isTransposed in [false, true] {
        let expected = system.solved(
          by: Solve(.substitution, subBlock: size), in: .double, isTransposed: isTransposed)
        let found = system.solved(by: solve, in: .double, isTransposed: isTransposed)
        #expect(difference(found, expected) <= 1e-12, "\(size) rows, transposed \(isTransposed)")
      }
    }
  }

  /// n equal keys, beta 0.999, no decay: A_ij = -0.999.
  func corner() -> TriangularSystem {
    let size = 64
    var random = Random(seed: 7)
    var A = [Double](repeating: 0, count: size * size)
    for i in 0..<size {
      for j in 0..<i { A[i * size + j] = -Double(Float(0.999)) }
    }
    return TriangularSystem(
      size: size, columns: 8, A: A, R: (0..<size * 8).map { _ in Double(Float(random.normal())) })
  }

  @Test(arguments: [Solve.Method.substitution, .recursiveInverse, .mergedInverse])
  func `substitution and block recursion are stable in every sub-block`(method: Solve.Method) {
    let system = corner()
    let exact = system.exact()
    for subBlock in [4, 8, 16, 20, 24, 32, 64] {
      let measure = system.measure(Solve(method, subBlock: subBlock), exact: exact)
      #expect(measure.error <= 1e-6, "sub-block \(subBlock)")
      #expect(measure.backwardError <= 64, "sub-block \(subBlock)")
    }
  }

  @Test func `a fixed point is as good as substitution, however its rows are taken`() {
    let system = corner()
    let exact = system.exact()
    for subBlock in [4, 8, 16, 20, 24] {
      let measure = system.measure(Solve(.fixedPoint, subBlock: subBlock), exact: exact)
      #expect(measure.error <= 1e-6, "sub-block \(subBlock)")
      #expect(measure.backwardError <= 64, "sub-block \(subBlock)")
    }
    // Doubling in the same blocks loses what cancels.
    #expect(system.measure(Solve(.inverseByDoubling, subBlock: 16), exact: exact).error > 1e-5)
  }

  @Test func `doubling loses what its worst step predicts`() {
    let system = corner()
    let exact = system.exact()
    for (subBlock, range) in [(8, 1e-7...3e-5), (16, 3e-5...5e-3), (32, 1e1...1e4), (64, 1e9...1e13)] {
      let measure = system.measure(Solve(.doubling, subBlock: subBlock), exact: exact)
      #expect(range.contains(measure.error), "sub-block \(subBlock): \(measure.error)")
      #expect((0.05...100).contains(measure.error / measure.predicted), "sub-block \(subBlock)")
    }
    #expect(system.measure(Solve(.doubling, subBlock: 32), exact: exact).backwardError >= 1e6)
    let inverse = system.measure(Solve(.inverseByDoubling, subBlock: 32), exact: exact).error
    #expect((1e0...1e3).contains(inverse))
  }

  @Test(arguments: Solve.all)
  func `a layer with any solve has the sequential form's gradients in double`(solve: Solve) throws {
    let shape = try Shape(B: 1, T: 70, Hk: 1, Hv: 2, Dk: 5, Dv: 3)
    let problem = try Sample(shape: shape, hasState: true, hasCotangents: true).problem
    let request = Request(arithmetic: .double)
    let expected = try #require(Registry.named("sequential")).evaluate(problem, request: request)
    var form = ChunkedForm.upstream(solve)
    for gram in [ChunkedForm.Gram.perKeyHead, .perValueHead] {
      form.gram = gram
      let found = try Catalogue.chunked(form, name: "variant").evaluate(problem, request: request)
      for quantity in Quantity.all(at: .model) {
        let difference = try #require(found[quantity])
          .relativeDifference(from: try #require(expected[quantity]))
        #expect(difference <= 1e-11, "\(quantity.rawValue)")
      }
    }
  }
}
