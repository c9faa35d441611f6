import GatedDeltaRule
import Generator

extension Profile {
  /// How many of the cases of a run are to be exact: more where roundings to a coarse format hide what is wrong in the
  /// others, in one of the implementations or because all inputs are in 16 bits.
  package func exactShare(against implementations: [any Implementation]) -> Double {
    let isCoarse = implementations.contains { implementation in
      let declared = implementation.declaration
      return !declared.isControl && (declared.products != .fp32 || declared.headPrecision != .fp32)
    }
    let hasCoarseInputs = !families.isEmpty && families.allSatisfy { $0.precision != .fp32 }
    return isCoarse || hasCoarseInputs ? Profile.coarseExactShare : Profile.usualExactShare
  }

  /// How many of them are to come in several calls: more where one of the implementations is an engine, which has steps
  /// of its own to be wrong in.
  package func sessionShare(against implementations: [any Implementation]) -> Double {
    let isOfEngines = implementations.contains {
      !$0.declaration.isControl && $0.declaration.steps.areAny
    }
    return isOfEngines ? Profile.engineSessionShare : Profile.usualSessionShare
  }
}
