//  The UT/WY form over chunks of C tokens (arXiv:2406.06484, arXiv:2412.06464; mlx-lm pull request 1389).
//  Rows i, j are tokens of a chunk, M = S^T [Dk, Dv] the state before it:
//
//    A_ij = -beta_i <k_i, k_j> Gamma_ij  (j < i)       P_ij = <q_i, k_j> Gamma_ij  (j <= i)
//    split    U_v = (I - A)^-1 beta V,  W = (I - A)^-1 beta gam K,  U = U_v - W M
//    joined   U = (I - A)^-1 beta (V - gam K M)
//    Y  = gam Q M + P U                                M' = gam_C M + (eta K)^T U
//
//  and backward, from dY and dM':
//
//    dU = P^T dY + eta K dM'      Z = (I - A)^-T dU      dA = Z U^T      dP = dY U^T
//    dV = beta Z                  dbeta_i = <Z_i, v_i - gam_i (K M)_i> - sum_j dA_ij <k_i, k_j> Gamma_ij
//    E_ij = -beta_i dA_ij Gamma_ij      F = dP o Gamma
//    dQ = F K + gam dY M^T        dK = (E + E^T) K + F^T Q - beta gam Z M^T + eta U dM'^T
//    dM = gam_C dM' + Q^T gam dY - K^T beta gam Z
//    dGamma_ij = -beta_i dA_ij <k_i, k_j> + dP_ij <q_i, k_j>
//    dgam_i = <dY_i, (Q M)_i> - beta_i <Z_i, (K M)_i>      deta_i = <(K dM')_i, U_i>      dgam_C += <M, dM'>
//
//  With a factor of the decay for every key channel (Kimi Linear) Gamma, gam and eta have one more index, and stand inside
//  the products: A_ij = -beta_i B_ij with B_ij = sum_c k_ic k_jc Gamma_ijc, likewise P; gam o K, gam o Q and eta o K in place of
//  K and Q beside a state; M' = gam_C o M + (eta o K)^T U. See `ChannelDecay`.
//
//  Masked tokens are identity tokens: q = k = v = 0, beta = 0, g = 1. Upstream fills the last chunk up to C with them;
//  they add exact zeros to every sum, so the same bits come without. The Gram matrices belong to key heads and are
//  formed once for the group.

import GatedDeltaRule

/// Which of the forms above, and how its parts are computed.
package struct ChunkedForm: Hashable, Sendable {
  /// What the triangular system is solved for.
  package enum RightHandSide: Hashable, Sendable {
    /// V and K apart, the state brought in afterwards, as upstream.
    case split
    /// The state brought in before: one narrower system.
    case joined
  }

  /// How often the products <k_i, k_j> and <q_i, k_j> are formed.
  package enum Gram: Hashable, Sendable {
    /// Once for the value heads of a group; beta multiplies the product.
    case perKeyHead
    /// For every value head, of beta k and k.
    case perValueHead
  }

  /// Tokens of a chunk, a multiple of 8.
  package var chunk = 64
  /// How the triangular system is solved.
  package var solve: Solve
  /// How the decay inside a chunk is formed.
  package var decay: DecayForm
  /// What the triangular system is solved for.
  package var rightHandSide: RightHandSide
  /// How often the Gram matrices are formed.
  package var gram = Gram.perKeyHead
  /// Which kinds of decay it takes.
  package var takes: Set<DecayKind> = [.scalar]

  /// Upstream's.
  package static func upstream(_ solve: Solve = Solve(.doubling)) -> ChunkedForm {
    ChunkedForm(solve: solve, decay: .runningSum, rightHandSide: .split)
  }

  /// That of Kimi Linear in flash-linear-attention: inverses of blocks of 16 rows by substitution, merged.
  package static let channels = ChunkedForm(
    solve: Solve(.mergedInverse), decay: .runningSum, rightHandSide: .split, takes: [.perChannel])

  /// Without their weaknesses.
  package static let stable = ChunkedForm(
    solve: Solve(.substitution), decay: .segments, rightHandSide: .joined, takes: [.scalar, .perChannel])
}

extension ChunkedForm {
  /// What of it decides how large honest rounding errors are.
  fileprivate var arrangement: Arrangement {
    var arrangement = Arrangement()
    arrangement.wy = rightHandSide == .split ? .split : .joined
    arrangement.exponents = takes.contains(.scalar) ? .gram : .factored
    if solve.method == .doubling { arrangement.inverse = .powers }
    // Gradients are those of the solution, which is brought back without its two parts.
    arrangement.system = solve.method == .substitution ? .substitution : .solution
    arrangement.dg = decay == .segments ? .crossings : .cumsum
    return arrangement
  }
}

/// Chunks of tokens at once.
struct Chunked: Kernel {
  let name: String
  let summary: String
  let gates: GateRule
  let form: ChunkedForm
  let isControl: Bool

  init(name: String, summary: String, gates: GateRule, form: ChunkedForm, isControl: Bool = false) {
    (self.name, self.summary, self.gates, self.form, self.isControl) = (name, summary, gates, form, isControl)
  }

  /// Upstream's form.
  init(upstream name: String, summary: String, solve: Solve = Solve(.doubling), isControl: Bool = false) {
    self.init(
      name: name, summary: summary, gates: GateRule(clamp: .decay(floor: 1e-12)), form: .upstream(solve),
      isControl: isControl)
  }

  /// Upstream's with a decay for every channel, which takes log g at any size: where g is 0 no gradient passes.
  init(channels name: String, summary: String) {
    self.init(name: name, summary: summary, gates: .logarithm, form: .channels)
  }

  /// The form without its weaknesses.
  init(stable name: String, summary: String) {
    self.init(name: name, summary: summary, gates: GateRule(), form: .stable)
  }

  var declaration: Declaration {
    var declaration = Declaration(
      form: .chunked(length: form.chunk), clamp: gates.clamp, promisesBits: true, isControl: isControl,
      kin: kin, contract: nil)
    declaration.arrangement = form.arrangement
    return declaration
  }

  private var kin: String {
    switch form {
    case .stable: "chunked-stable"
    case .channels: "chunked-kda"
    default: "chunked"
    }
  }

  /// With one decay a token the scratch of a chunk is a few states large, at most.
  func keptStates(_ shape: Shape) -> Int {
    let states = shape.groupSize * (shape.T / form.chunk + 3) + 16
    guard shape.decayKind == .perChannel else { return states }
    return states + ChannelScratch<Double>.heldRows(min(form.chunk, shape.T + 7)) / max(1, shape.Dv) + 1
  }

  func refusal(of problem: Problem) -> String? {
    guard !form.takes.contains(problem.shape.decayKind) else { return nil }
    return problem.shape.decayKind == .perChannel
      ? "takes scalar decay only" : "takes a decay per channel only"
  }

  func run<R: Real>(
    _ problem: CoreProblem<R>, groups: Range<Int>, into results: CoreResults<R>, arena: Arena
  ) {
    guard problem.shape.T > 0 else {
      for head in problem.heads(of: groups) {
        let offset = problem.stateOffset(head)
        (results.state + offset).update(from: problem.state + offset, count: problem.stateLanes)
        if let gradients = results.gradients {
          (gradients.dstate + offset).update(from: problem.dstate + offset, count: problem.stateLanes)
        }
      }
      return
    }
    if problem.shape.decayKind == .perChannel {
      ChunkSweep<ChannelScratch<R>>(form, problem, results, arena).run(groups)
    } else {
      ChunkSweep<ChunkScratch<R>>(form, problem, results, arena).run(groups)
    }
  }
}
