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
  /// - Parameters:
  ///   - includesExact: whether cases in which nothing has to be rounded are drawn: those show a gain at once.
  ///   - rules: whether they are of all rules, at both levels, with q and k normalised in the format of the inputs for one
  ///     kernel in two.
  init(
    _ kernel: CoarseKernel, size: Profile.Size, seed: UInt64, limit: Int, includesExact: Bool = false,
    stops: Bool = true, rules: Bool = false
  ) throws {
    var profile = Profile(size: size)
    profile.exactShare = includesExact ? Profile.coarseExactShare : 0
    profile.chunk = kernel.length
    let inputs = kernel.products == .tf32 ? Precision.fp32 : kernel.products == .bf16 ? .bf16 : .fp16
    if rules { profile.contracts = .drawn(share: 1) }
    let judged: any Implementation =
      rules ? CoarseModel(kernel, normalisedIn: kernel.splitsRightHandSide ? inputs : .fp32) : kernel
    var index: UInt64 = 0
    while cases < limit, !(stops && (isConvicted || !failures.isEmpty)) {
      var recipe = Recipe.draw(seed: seed, index: index, profile: profile)
      index += 1
      if rules {
        (recipe.decayKind, recipe.precision) = (.scalar, inputs)
      } else if !recipe.isExact {
        (recipe.level, recipe.decayKind, recipe.precision) = (.core, .scalar, inputs)
        recipe.A_log = .constant(0)
        recipe.dt_bias = .constant(0)
      }
      guard (try? recipe.validate()) != nil, let check = try? CrossCheck(recipe),
        rules || MildDecay(kernel).refusal(of: check.problem) == nil
      else { continue }
      // Doubling is known to be unstable where keys are alike, as those of a channel or two
      // are, and where beta passes 1.
      if kernel.inversion == .doubling,
        recipe.keys != .random || recipe.Dk <= 2 || recipe.contract.write == .doubleSigmoid
      {
        continue
      }
      cases += 1
      let result = check.judge(judged, properties: .none, weighsEvidence: true)
      if let failure = result.failure { failures.append("\(failure.kind) \(recipe.text)") }
      if let more = result.evidence { evidence.add(more, at: cases) }
    }
  }
}
