import Mutants
import Oracle

extension KnownFault {
  /// Every mutant that shows its fault in one call.
  static let all = Mutant.all.filter(\.isSeenInOneCall).map { mutant in
    KnownFault(mutant.name, mutant.fault) { mutant.implementation() }
  }
}
