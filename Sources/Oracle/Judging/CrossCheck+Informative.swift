import GatedDeltaRule
import Sweep

/// A bound is a proof, and where it is wide it proves little: an answer may be wrong by all that is allowed.
extension CrossCheck {
  /// Past this part of a result, in the Frobenius norm, its bound says little.
  static let informative = 1e-2

  /// The results whose bound is wider than that. What is zero throughout is compared with zero, and is none of them.
  func uninformative(for declaration: Declaration) -> [Quantity] {
    var declaration = declaration
    let acting = acting(DeclaredGates(declaration))
    declaration.clamp = acting.clamp
    let model = ErrorModel(declaration, arithmetic: .working)
    if let known = shared.uninformative.first(where: { $0.model == model && $0.gates == acting }) {
      return known.quantities
    }
    // The bound comes with the reference, and not the other way about.
    let bound = bound(for: declaration)
    let reference = reference(for: declaration)
    let quantities = asked.filter { quantity in
      guard let o = reference[quantity], let an = bound[quantity] else { return false }
      return !CrossCheck.isInformative(an.values, of: o.values)
    }
    shared.uninformative.append((model, acting, quantities))
    return quantities
  }

  private static func isInformative(_ bound: [Double], of reference: [Double]) -> Bool {
    var (size, allowed) = (0.0, 0.0)
    reference.withUnsafeBufferPointer { o in
      bound.withUnsafeBufferPointer { an in
        for (o, an) in zip(o, an) where o.isFinite && !an.isNaN {
          size += o * o
          allowed += an * an
        }
      }
    }
    return !(size > 0) || allowed.squareRoot() <= informative * size.squareRoot()
  }
}
