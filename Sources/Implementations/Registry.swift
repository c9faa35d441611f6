import GatedDeltaRule
import Kernels
import Machine

#if canImport(KernelsAVX2)
  import KernelsAVX2
  import KernelsAVX512
#endif

/// What is built in, compiled for the widest vectors that the processor has, with the same bits whichever those are.
public enum Registry {
  /// Every implementation, controls last.
  public static let all = compiled(for: Processor.vectors).all

  /// What serves sessions alone, on top of these.
  public static let engines: [any Implementation] = [
    ServingEngine(chunked: named("chunked-stable")!, single: named("sequential")!)
  ]

  /// What the kernels of libraries compute: each has a form and a floor of its own, so that a bound of its own is needed.
  /// They take part where they are named.
  public static let libraries = compiled(for: Processor.vectors).libraries

  /// The implementation of this name.
  public static func named(_ name: String) -> (any Implementation)? {
    all.first { $0.name == name } ?? libraries.first { $0.name == name } ?? engines.first { $0.name == name }
  }

  /// Every implementation compiled for these vectors, which the processor must have, and those of libraries.
  package static func compiled(
    for vectors: Processor.Vectors
  ) -> (all: [any Implementation], libraries: [any Implementation]) {
    #if canImport(KernelsAVX2)
      switch vectors {
      case .narrow: (Kernels.Catalogue.all, Kernels.Catalogue.libraries)
      case .wide: (KernelsAVX2.Catalogue.all, KernelsAVX2.Catalogue.libraries)
      case .widest: (KernelsAVX512.Catalogue.all, KernelsAVX512.Catalogue.libraries)
      }
    #else
      (Kernels.Catalogue.all, Kernels.Catalogue.libraries)
    #endif
  }

  /// What one core could do at the best.
  package static func measurePeak() -> (operations: Double, isFused: Bool) {
    #if canImport(KernelsAVX2)
      switch Processor.vectors {
      case .narrow: Kernels.Peak.measure()
      case .wide: KernelsAVX2.Peak.measure()
      case .widest: KernelsAVX512.Peak.measure()
      }
    #else
      Kernels.Peak.measure()
    #endif
  }
}
