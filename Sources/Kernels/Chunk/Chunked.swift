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

  /// Upstream's.
  package static func upstream(_ solve: Solve = Solve(.doubling)) -> ChunkedForm {
    ChunkedForm(solve: solve, decay: .runningSum, rightHandSide: .split)
  }

  /// Without its weaknesses.
  package static let stable = ChunkedForm(
    solve: Solve(.substitution), decay: .segments, rightHandSide: .joined)
}

extension ChunkedForm {
  /// What of it decides how large honest rounding errors are.
  fileprivate var arrangement: Arrangement {
    var arrangement = Arrangement()
    arrangement.wy = rightHandSide == .split ? .split : .joined
    arrangement.exponents = .gram
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

  /// The form without its weaknesses.
  init(stable name: String, summary: String) {
    self.init(name: name, summary: summary, gates: GateRule(), form: .stable)
  }

  var declaration: Declaration {
    var declaration = Declaration(
      form: .chunked(length: form.chunk), clamp: gates.clamp, promisesBits: true, isControl: isControl,
      kin: form == .stable ? "chunked-stable" : "chunked", contract: nil)
    declaration.arrangement = form.arrangement
    return declaration
  }

  /// The scratch of a chunk is a few states large, at most.
  func keptStates(_ shape: Shape) -> Int { shape.groupSize * (shape.T / form.chunk + 3) + 16 }

  func refusal(of problem: Problem) -> String? {
    problem.shape.decayKind == .perChannel ? "takes scalar decay only" : nil
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
    ChunkSweep(form, problem, results, arena).run(groups)
  }
}
