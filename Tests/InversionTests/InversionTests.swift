import GatedDeltaRule
import Generator
import Inversion
import Kernels
import Testing

/// The system of the first chunk of a recipe.
private func system(
  keys: String = "equal", beta: String = "0.999", chunk: Int = 64
) throws -> TriangularSystem {
  let recipe = "v1/B1-T\(chunk)-Hk1-Hv1-Dk8-Dv8/keys=\(keys)/decay=none/write=\(beta)/f32/seed=0"
  return TriangularSystem(try Recipe(recipe).render(), chunk: chunk)
}

extension TriangularSystem {
  fileprivate var inverter: Inverter { Inverter(A: A, R: R, size: size) }

  fileprivate func error(
    _ method: Inversion.Method, subBlock: Int, products: ProductFormat = .fp32
  ) -> Double {
    inverter.errors(of: [Inversion(method, subBlock: subBlock, products: products)], from: exact())[0]
  }
}

@Test(arguments: Inversion.Method.allCases)
func `every way is right where nothing grows`(method: Inversion.Method) throws {
  for chunk in [16, 64] {
    let system = try system(keys: "random", beta: "0.1", chunk: chunk)
    for subBlock in [1, 3, 4, 8, 20, 64] {
      for products in ProductFormat.allCases {
        // Eight terms of a series leave (beta cos)^8 of it.
        let cut = method == .neumann ? 1e-5 : 0
        let error = system.error(method, subBlock: subBlock, products: products)
        #expect(error <= 16 * products.unitRoundoff + cut, "\(chunk), \(subBlock), \(products)")
      }
    }
  }
}

@Test func `at equal keys sums of the series lose what the others keep`() throws {
  let system = try system()
  for method in Inversion.Method.allCases {
    let error = system.error(method, subBlock: 32)
    switch method {
    case .doubling, .inverseByDoubling, .logDepth, .mergedDoubling, .neumann: #expect(error > 1, "\(method)")
    default: #expect(error < 1e-5, "\(method)")
    }
  }
  #expect(system.error(.neumann, subBlock: 8) < 1e-5)
  #expect(system.error(.newtonSchulz, subBlock: 64) > 1)
}

@Test func `doubling errs as the one that is built in`() throws {
  let system = try system()
  for subBlock in [4, 8, 16, 32] {
    let error = system.error(.doubling, subBlock: subBlock)
    let builtIn = system.measure(Solve(.doubling, subBlock: subBlock), exact: system.exact()).error
    #expect(error < 4 * builtIn && builtIn < 4 * error, "\(subBlock): \(error), \(builtIn)")
  }
}

/// X := R + A X on whole tiles, step by step; every operand rounded, sums in fp32.
private func iterated(_ system: TriangularSystem, _ products: ProductFormat) -> [Float] {
  let (n, columns) = (system.size, system.columns)
  let A = system.A.map { products.rounded(Float($0)) }
  let R = system.R.map { Float($0) }
  var X = R
  for _ in 1..<n {
    let operands = X.map { products.rounded($0) }
    X = R
    for i in 0..<n {
      for j in 0..<n {
        for c in 0..<columns { X[i * columns + c] += A[i * n + j] * operands[j * columns + c] }
      }
    }
  }
  return X
}

@Test(arguments: ProductFormat.allCases, [16, 32])
func `one pass over the rows gives the bits of the last step`(products: ProductFormat, size: Int) throws {
  for (keys, beta) in [("random", "0.9"), ("equal", "0.999"), ("equal", "wide:2:2"), ("flipped", "1")] {
    let system = try system(keys: keys, beta: beta, chunk: size)
    let inversion = Inversion(.fixedPoint, subBlock: size, products: products)
    let (found, expected) = (system.inverter.solution(by: inversion), iterated(system, products))
    // A zero may have the other sign: what is left out of the tile is zero.
    let isSame = zip(found, expected).allSatisfy { $0 == Double($1) }
    if expected.allSatisfy(\.isFinite) {
      #expect(isSame, "\(keys), \(beta)")
    } else {
      #expect(system.error(.fixedPoint, subBlock: size, products: products) == .infinity, "\(keys), \(beta)")
    }
  }
}

@Test func `a fixed point in fp16 overflows on its way in tiles of 32 and not of 16`() throws {
  let system = try system()
  for method in [Inversion.Method.fixedPoint, .inverseByFixedPoint, .mergedFixedPoint] {
    #expect(system.error(method, subBlock: 16, products: .fp16) < 1e-2, "\(method)")
    #expect(system.error(method, subBlock: 32, products: .fp16) == .infinity, "\(method)")
    #expect(system.error(method, subBlock: 32, products: .bf16) < 0x1p-4, "\(method)")
  }
}

@Test func `in fp32 the fixed point is substitution to the bit`() throws {
  let system = try system(keys: "cone:10", beta: "1")
  let inverter = system.inverter
  #expect(
    inverter.solution(by: Inversion(.fixedPoint, subBlock: 16))
      == inverter.solution(by: Inversion(.substitution, subBlock: 16)))
}

@Test func `operands are rounded as the formats say`() {
  // Every sixteenth pattern of the upper half, with lower halves around ties.
  for upper in stride(from: UInt32(0), through: 0xFFFF, by: 16) {
    for lower: UInt32 in [0, 1, 0x0FFF, 0x1000, 0x1001, 0x7FFF, 0x8000, 0x8001, 0xFFFF] {
      let x = Float(bitPattern: upper << 16 | lower)
      let isNumber = !x.isNaN
      #expect(ProductFormat.fp32.rounded(x).bitPattern == x.bitPattern)
      guard isNumber else {
        #expect(ProductFormat.allCases.allSatisfy { $0.rounded(x).isNaN })
        continue
      }
      #expect(Double(ProductFormat.bf16.rounded(x)) == Precision.bf16.round(Double(x)), "\(x)")
      #expect(Double(ProductFormat.fp16.rounded(x)) == Precision.fp16.round(Double(x)), "\(x)")
      let tf32 = ProductFormat.tf32.rounded(x)
      #expect(tf32.bitPattern & 0x1FFF == 0)
      if x.isNormal, tf32.isFinite { #expect((tf32 - x).magnitude <= x.magnitude * 0x1p-11, "\(x)") }
    }
  }
}
