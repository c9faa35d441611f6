//  Which compile of this folder is run. Its twins have no part in that.

#if !WIDE
  import GatedDeltaRule
  import Machine

  #if canImport(WideImplementations)
    import WideImplementations
    import WidestImplementations
  #endif

  extension Registry {
    /// Every implementation, controls last: compiled for the widest vectors that the processor has, with the same
    /// bits.
    public static let all = compiled(for: Processor.vectors)

    /// The implementation of this name.
    public static func named(_ name: String) -> (any Implementation)? { all.first { $0.name == name } }

    /// Every implementation compiled for these vectors, which the processor must have.
    package static func compiled(for vectors: Processor.Vectors) -> [any Implementation] {
      #if canImport(WideImplementations)
        switch vectors {
        case .narrow: portable
        case .wide: WideImplementations.Registry.portable
        case .widest: WidestImplementations.Registry.portable
        }
      #else
        portable
      #endif
    }

    /// What one core could do at the best.
    package static func measurePeak() -> (operations: Double, isFused: Bool) {
      #if canImport(WideImplementations)
        switch Processor.vectors {
        case .narrow: Peak.measure()
        case .wide: WideImplementations.Peak.measure()
        case .widest: WidestImplementations.Peak.measure()
        }
      #else
        Peak.measure()
      #endif
    }
  }
#endif
