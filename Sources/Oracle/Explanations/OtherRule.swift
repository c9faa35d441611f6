import GatedDeltaRule
import Generator

/// A kernel that is right by another rule than the one asked for: by far the most usual way to be wrong everywhere.
///
/// It is one whose outputs are not those of the rule asked for, and all of whose answers are those of the other. Where the
/// outputs are right a gradient is wrong, and no rule is another.
package enum OtherRule {
  /// The contract, a part or two away from the one asked for, by which these answers agree.
  ///
  /// - Parameter declaration: what was declared of their rounding.
  package static func contract(
    of answers: Evaluation, to problem: Problem, _ declaration: Declaration
  ) -> Contract? {
    let trial = Trial(answers: answers, problem: problem, declaration: declaration)
    guard trial.isOther else { return nil }
    return problem.contract.others(for: problem).first(where: trial.agrees)
  }

  /// The same for an implementation that answered so to the problem of a recipe, and must agree on a case with several
  /// channels too, whose keys are no units: in one channel, or of units, many rules are the same.
  package static func contract(
    of implementation: any Implementation, answering answers: Evaluation, to problem: Problem,
    of recipe: Recipe
  ) -> Contract? {
    let wider = [4, 32, 128].lazy.compactMap { recipe.probe(size: $0) }
      .first { implementation.refusal(of: $0) == nil }
    guard let wider, let found = try? implementation.evaluate(wider, request: Request()) else { return nil }
    func trial(_ answers: Evaluation, _ problem: Problem) -> Trial {
      Trial(
        answers: answers, problem: problem,
        declaration: implementation.declaration(for: problem, answering: answers))
    }
    let (one, wide) = (trial(answers, problem), trial(found, wider))
    guard wide.isOther else { return nil }
    return problem.contract.others(for: problem).first { wide.agrees($0) && one.agrees($0) }
  }

  /// Answers to a problem, held to rules.
  private struct Trial {
    let answers: Evaluation
    let problem: Problem
    let declaration: Declaration

    /// Whether the outputs are not those of the rule asked for.
    var isOther: Bool {
      let ratios = ratios(under: problem.contract)
      return [Quantity.y, .stateOut].contains { quantity in ratios[quantity].map { !($0 <= 1) } ?? false }
    }

    func agrees(_ contract: Contract) -> Bool {
      let ratios = ratios(under: contract)
      // A bound need not hold where the other rule is given what it does not allow: a negative factor.
      let limit = contract.decay == problem.contract.decay ? 1.0 : 10
      return !ratios.isEmpty && ratios.values.allSatisfy { $0 <= limit }
    }

    private func ratios(under contract: Contract) -> [Quantity: Double] {
      var (draft, answers, declaration) = (Draft(problem), answers, declaration)
      (draft.contract, declaration.contract) = (contract, nil)
      if contract.layout != problem.contract.layout {
        // A problem holds its states as [Dv, Dk], whatever lies on the wire.
        for input in [Input.stateIn, .dstateOut] { draft[input] = draft[input]?.swappingLastAxes() }
        for quantity in [Quantity.stateOut, .dstateIn] {
          answers.results[quantity] = answers.results[quantity]?.swappingLastAxes()
        }
      }
      guard let other = try? draft.problem(domain: .any) else { return [:] }
      let asked = Set(other.quantities)
      answers.results = answers.results.filter { asked.contains($0.key) }
      return CrossCheck(other).judge(evaluation: answers, double: nil, declaration: declaration).ratios
    }
  }
}

extension Contract {
  /// What differs in one part, and then in two, and is another rule for this problem.
  fileprivate func others(for problem: Problem) -> [Contract] {
    func acting(_ contract: Contract) -> Contract {
      var acting = contract.acting(at: problem.level)
      acting.scale = .value(contract.scaleFactor(Dk: problem.shape.Dk))
      return acting
    }
    let one = neighbours(of: problem)
    let two = one.flatMap { $0.neighbours(of: problem) }
    var seen: Set = [acting(self)]
    // In one channel every scale is the same: which it is, the wider case says.
    let isNarrow = problem.shape.Dk == 1
    return (one + otherEpsilons + two + one.flatMap(\.otherEpsilons)).filter {
      $0 != self && (seen.insert(acting($0)).inserted || (isNarrow && $0.scale == .rsqrt))
    }
  }

  /// What normalises with another epsilon, the usual ones first.
  private var otherEpsilons: [Contract] {
    guard case .l2norm(let mine) = queryKey else { return [] }
    return [1e-6, 1e-5, 1e-12, 1e-3, 1e-8, 1e-4, 1e-7, 1e-10, 1e-9, 1e-2].filter { $0 != mine }.map {
      var other = self
      other.queryKey = .l2norm(epsilon: $0)
      return other
    }
  }

  /// What differs in one part, as kernels of today do, in the order in which it is met.
  private func neighbours(of problem: Problem) -> [Contract] {
    var all: [Contract] = []
    func add(_ change: (inout Contract) -> Void) {
      var other = self
      change(&other)
      if other != self { all.append(other) }
    }
    add { $0.scale = $0.scale == .one ? .rsqrt : .one }
    add { $0.scale = .value(1 / Double(problem.shape.Dk)) }
    add { $0.queryKey = $0.queryKey == .given ? .l2norm(epsilon: 1e-6) : .given }
    add {
      $0.queryKey = $0.queryKey == .given ? .l2norm(epsilon: 1e-6) : .given
      $0.scale = $0.scale == .one ? .rsqrt : .one
    }
    if problem.shape.Dk == problem.shape.Dv {
      add { $0.layout = $0.layout == .valueKey ? .keyValue : .valueKey }
    }
    switch problem.level {
    case .core: add { $0.decay = $0.decay == .linear ? .log : .linear }
    case .model:
      add { $0.write = $0.write == .sigmoid ? .doubleSigmoid : .sigmoid }
      for gate in [Gate.softplus, .bounded(-5, hasRate: true), .bounded(-5, hasRate: false)] {
        add { $0.gate = gate }
      }
    }
    return all
  }
}

extension Recipe {
  /// A plain problem with several channels, whose keys and queries are no units, of the same level, decay, contract and
  /// format; nil if it makes none. Those of the token in the middle are so short that an epsilon matters beside their
  /// squares, whichever of the usual ones it is.
  fileprivate func probe(size: Int) -> Problem? {
    var probe = Recipe(
      T: 3, Hv: 2, Dk: size, Dv: size, decayKind: decayKind, level: level, decay: .constant(-0.5),
      state: .random, dstate: .random, precision: precision, seed: 1)
    probe.contract = contract
    guard let problem = try? probe.render() else { return nil }
    var draft = Draft(problem)
    draft[.k] = draft[.k]?.multiplied(by: [0.5, 0x1p-11, 0.5], axis: 1).rounded(to: precision)
    draft[.q] = draft[.q]?.multiplied(by: [2, 0x1p-11, 2], axis: 1).rounded(to: precision)
    return try? draft.problem(domain: .any)
  }
}

extension Contract {
  /// That this one normalises with another epsilon than one that is the same but for it; nil where it differs in more.
  package func epsilonText(inPlaceOf other: Contract) -> String? {
    guard case .l2norm(let mine) = queryKey, case .l2norm(let theirs) = other.queryKey, mine != theirs
    else { return nil }
    var same = self
    same.queryKey = other.queryKey
    guard same == other else { return nil }
    return "the epsilon of the normalisation is \(Decimal.text(mine)), in place of \(Decimal.text(theirs))"
  }
}

extension Problem {
  /// The length of the longest key at a live token.
  package var longestKey: Double {
    let keys = liveOnly(primals.k).values
    return stride(from: 0, to: keys.count, by: max(1, shape.Dk)).reduce(0) { longest, start in
      max(longest, keys[start..<start + shape.Dk].reduce(0) { $0 + $1 * $1 }.squareRoot())
    }
  }
}

extension Tensor {
  /// [..., m, n] as [..., n, m].
  fileprivate func swappingLastAxes() -> Tensor {
    guard shape.count >= 2 else { return self }
    let (m, n) = (shape[shape.count - 2], shape[shape.count - 1])
    var copy = self
    for start in stride(from: 0, to: values.count, by: max(1, m * n)) {
      for i in 0..<m { for j in 0..<n { copy.values[start + j * m + i] = values[start + i * n + j] } }
    }
    return copy
  }
}
