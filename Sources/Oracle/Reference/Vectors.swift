import GatedDeltaRule
import Machine
import Sweep

#if canImport(SweepAVX2)
  import SweepAVX2
#endif

/// The sweep compiled for the vectors that the processor has; the bits are the same.
enum Vectors {
  #if canImport(SweepAVX2)
    private static let areWide = Processor.vectors >= .wide

    /// The rule in fp64.
    static let numbers = areWide ? SweepAVX2.Measurement.numbers : Sweep.Measurement.numbers
    /// The rule and its bounds.
    static let bounds = areWide ? SweepAVX2.Measurement.bounds : Sweep.Measurement.bounds
    /// How far elements are within what they may be off by.
    static let screen = areWide ? SweepAVX2.Screening.end : Sweep.Screening.end
  #else
    /// The rule in fp64.
    static let numbers = Sweep.Measurement.numbers
    /// The rule and its bounds.
    static let bounds = Sweep.Measurement.bounds
    /// How far elements are within what they may be off by.
    static let screen = Sweep.Screening.end
  #endif
}
