import GatedDeltaRule
import Generator
import Oracle
import Support

/// A run of a coarse kernel on cases of its level and shape, of which only what adds up is looked at.
struct CoarseRun {
  /// Cases that were judged, refused ones and exact ones included, up to the end or the first that is convicted.
  private(set) var cases = 0
  /// Of the cases before, those that were compared with twins, and those that were too large for it.
  private(set) var evidence = RunEvidence()
  /// What failed by itself.
  private(set) var failures: [String] = []
  /// Whether the evidence convicts.
  var isConvicted: Bool { !evidence.convictions(among: 1).isEmpty }

  /// Draws cases in the kernel's format up to a limit, and ends where something is convicted, alone or together.
  ///
  /// - Parameter includesExact: whether cases in which nothing has to be rounded are drawn: those show a gain at once.
  init(
    _ kernel: CoarseKernel, size: Profile.Size, seed: UInt64, limit: Int, includesExact: Bool = false,
    stops: Bool = true
  ) throws {
    var profile = Profile(size: size)
    profile.exactShare = includesExact ? Profile.coarseExactShare : 0
    profile.chunk = kernel.length
    let inputs = kernel.products == .tf32 ? Precision.fp32 : kernel.products == .bf16 ? .bf16 : .fp16
    var index: UInt64 = 0
    while cases < limit, !(stops && (isConvicted || !failures.isEmpty)) {
      var recipe = Recipe.draw(seed: seed, index: index, profile: profile)
      index += 1
      if !recipe.isExact {
        (recipe.level, recipe.decayKind, recipe.precision) = (.core, .scalar, inputs)
        recipe.A_log = .constant(0)
        recipe.dt_bias = .constant(0)
      }
      guard (try? recipe.validate()) != nil, let check = try? CrossCheck(recipe),
        MildDecay(kernel).refusal(of: check.problem) == nil
      else { continue }
      // Doubling is known to be unstable where keys are alike.
      if kernel.inversion == .doubling, recipe.keys != .random { continue }
      cases += 1
      let result = check.judge(kernel, properties: .none, weighsEvidence: true)
      if let failure = result.failure { failures.append("\(failure.kind) \(recipe.text)") }
      if let more = result.evidence { evidence.add(more, at: cases) }
    }
  }
}
