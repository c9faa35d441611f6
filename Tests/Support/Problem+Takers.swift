import GatedDeltaRule

extension Problem {
  /// Whether the built-in implementation of this name takes it: the chunked forms take scalar decay alone, the Metal
  /// kernel's order of summation whole vectors and no mask, everybody else everything.
  public func isTaken(byBuiltIn name: String) -> Bool {
    switch name {
    case "chunked", "chunked-stable", "chunked-sb32": shape.decayKind == .scalar
    case "fused-metal": mask == nil && shape.Dk % 32 == 0 && shape.Dv % 4 == 0
    default: true
    }
  }
}
