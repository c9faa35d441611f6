import GatedDeltaRule

extension Problem {
  /// Whether the built-in implementation of this name takes it: upstream's chunked forms take one kind of decay each, the
  /// Metal kernel's order of summation whole vectors and no mask, everybody else everything.
  public func isTaken(byBuiltIn name: String) -> Bool {
    switch name {
    case "chunked", "chunked-sb32": shape.decayKind == .scalar
    case "chunked-kda": shape.decayKind == .perChannel
    case "fused-metal": mask == nil && shape.Dk % 32 == 0 && shape.Dv % 4 == 0
    default: true
    }
  }
}
