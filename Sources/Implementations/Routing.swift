//  Which path upstream's `gated_delta_update(..., training:)` takes. The two pull requests are unmerged; each is
//  taken on top of main.
//
//    main    kernel if not training (use_kernel = not training), Metal there and the device a GPU; else the loop
//    1217    training: the fused Metal VJP if Metal, GPU, no mask, Dk % 32 == 0 and Dv % 4 == 0; else checkpoint
//    1389    no kernel: chunked if the decay is scalar and T > 1; else the loop

import GatedDeltaRule

/// What upstream's dispatch looks at.
public struct Routing: Hashable, Sendable {
  /// A state of upstream's source.
  public enum Revision: String, Hashable, Sendable, CaseIterable {
    case main
    case pull1217
    case pull1389
  }

  /// Where a call ends up.
  public enum Path: String, Hashable, Sendable {
    /// The inference kernel, which has no VJP.
    case kernel
    case sequential
    case checkpoint
    case fused
    case chunked
  }

  /// The path, and why it was taken.
  public struct Decision: Hashable, Sendable {
    /// Where the call ends up.
    public let path: Path
    /// One clause for a person.
    public let reason: String
  }

  /// The source that is run.
  public var revision: Revision
  /// Whether gradients will be asked for.
  public var isTraining: Bool
  /// Whether Metal is there and the default device is a GPU.
  public var hasMetal: Bool

  /// One machine and one call.
  public init(revision: Revision, isTraining: Bool, hasMetal: Bool) {
    (self.revision, self.isTraining, self.hasMetal) = (revision, isTraining, hasMetal)
  }

  /// The path that a problem of this shape takes.
  public func decision(for shape: Shape, hasMask: Bool) -> Decision {
    if !isTraining && hasMetal { return Decision(path: .kernel, reason: "inference with Metal on a GPU") }
    switch revision {
    case .main: return Decision(path: .sequential, reason: withoutKernel)
    case .pull1217:
      return isTraining ? trained(shape, hasMask) : Decision(path: .sequential, reason: withoutKernel)
    case .pull1389:
      if shape.decayKind == .perChannel {
        return Decision(path: .sequential, reason: "the decay is per channel")
      }
      if shape.T <= 1 { return Decision(path: .sequential, reason: "T <= 1") }
      return Decision(path: .chunked, reason: withoutKernel)
    }
  }

  private var withoutKernel: String {
    isTraining ? "the kernel has no VJP, so training does not use it" : "no Metal, or the device is no GPU"
  }

  private func trained(_ shape: Shape, _ hasMask: Bool) -> Decision {
    let obstacle: String? =
      if !hasMetal {
        "no Metal, or the device is no GPU"
      } else if hasMask {
        "the fused kernel takes no mask"
      } else if shape.Dk % 32 != 0 {
        "the fused kernel needs Dk % 32 == 0"
      } else if shape.Dv % 4 != 0 {
        "the fused kernel needs Dv % 4 == 0"
      } else {
        nil
      }
    return obstacle.map { Decision(path: .checkpoint, reason: $0) }
      ?? Decision(path: .fused, reason: "training with Metal, no mask, Dk % 32 == 0, Dv % 4 == 0")
  }
}
