import GatedDeltaRule

/// The most that one core of this machine does, against which kernels are measured.
package enum Peak {
  private typealias Vector = Float.Vector

  /// Operations a second in fp32, and whether multiply-adds are fused: twelve independent chains of them in
  /// registers, the best of several runs.
  package static func measure() -> (operations: Double, isFused: Bool) {
    let clock = ContinuousClock()
    let steps = 2_000_000
    var best = 0.0
    var sink = Float.zero
    for _ in 0..<5 {
      var result = Vector.zero
      let time = clock.measure { result = chains(steps) }
      sink += result.sum()
      best = max(best, Double(steps * 12 * Vector.scalarCount * 2) / (time / .seconds(1)))
    }
    precondition(sink.isFinite)
    return (best, isFused)
  }

  /// Not where this module is compiled for processors that may have no instruction for it.
  private static var isFused: Bool {
    #if WIDE || arch(arm64)
      return true
    #else
      return false
    #endif
  }

  @inline(never)
  private static func chains(_ steps: Int) -> Vector {
    let a = Vector(repeating: 0.5)
    let b = Vector(repeating: 0.25)
    var c0 = a, c1 = b, c2 = a, c3 = b, c4 = a, c5 = b, c6 = a, c7 = b, c8 = a, c9 = b, c10 = a, c11 = b
    for _ in 0..<steps {
      c0 = step(c0, a, b)
      c1 = step(c1, a, b)
      c2 = step(c2, a, b)
      c3 = step(c3, a, b)
      c4 = step(c4, a, b)
      c5 = step(c5, a, b)
      c6 = step(c6, a, b)
      c7 = step(c7, a, b)
      c8 = step(c8, a, b)
      c9 = step(c9, a, b)
      c10 = step(c10, a, b)
      c11 = step(c11, a, b)
    }
    return c0 + c1 + c2 + c3 + c4 + c5 + c6 + c7 + c8 + c9 + c10 + c11
  }

  /// c a + b.
  @inline(__always)
  private static func step(_ c: Vector, _ a: Vector, _ b: Vector) -> Vector {
    #if WIDE || arch(arm64)
      return b.addingProduct(c, a)
    #else
      return c * a + b
    #endif
  }
}
