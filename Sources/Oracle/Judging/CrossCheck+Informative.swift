import GatedDeltaRule

/// A bound is a proof, and where it is wide it proves little: an answer may be wrong by all that is allowed.
extension CrossCheck {
  /// Past this part of a result, in the Frobenius norm, its bound says little.
  static let informative = 1e-2

  /// The results whose bound is wider than that. What is zero throughout is compared with zero, and is none of them.
  func uninformative(for declaration: Declaration) -> [Quantity] {
    let (reference, bound) = (reference(for: declaration), bound(for: declaration))
    return asked.filter { quantity in
      guard let o = reference[quantity], let an = bound[quantity] else { return false }
      var (size, allowed) = (0.0, 0.0)
      for i in o.values.indices where o.values[i].isFinite && !an.values[i].isNaN {
        size += o.values[i] * o.values[i]
        allowed += an.values[i] * an.values[i]
      }
      return size > 0 && !(allowed.squareRoot() <= CrossCheck.informative * size.squareRoot())
    }
  }
}
