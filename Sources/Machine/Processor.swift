import Foundation

/// What the processor under this process can do.
package enum Processor {
  /// The vectors that the kernels are compiled for.
  package enum Vectors: String, CaseIterable, Comparable {
    /// What every processor of this architecture has.
    case narrow
    /// AVX2 and FMA.
    case wide
    /// AVX-512 F, DQ, CD, BW and VL as well.
    case widest

    package static func < (a: Vectors, b: Vectors) -> Bool {
      let order = allCases
      return order.firstIndex(of: a)! < order.firstIndex(of: b)!
    }
  }

  /// The widest vectors that processor and operating system have, or less where the environment's GDR_VECTORS says so.
  package static let vectors: Vectors = {
    let limit = ProcessInfo.processInfo.environment["GDR_VECTORS"].flatMap(Vectors.init) ?? .widest
    return min(limit, available)
  }()

  /// The same, whatever the environment says.
  package static let available: Vectors = {
    #if arch(x86_64)
      guard Features.current.isSuperset(of: [.avx2, .fma]) else { return .narrow }
      return Features.current.contains(.avx512) ? .widest : .wide
    #else
      return .narrow
    #endif
  }()
}
