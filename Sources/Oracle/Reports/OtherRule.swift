import GatedDeltaRule
import Generator

/// A kernel that is right by another rule than the one asked for: by far the most usual way to be wrong everywhere.
package enum OtherRule {
  /// The contract, one part away from the one asked for, by which these answers agree.
  ///
  /// - Parameter declaration: what was declared of their rounding.
  package static func contract(
    of answers: Evaluation, to problem: Problem, _ declaration: Declaration
  ) -> Contract? {
    problem.contract.neighbours(of: problem).first { agrees(answers, to: problem, under: $0, declaration) }
  }

  /// The same for an implementation that fails on a recipe, which must agree on cases with several channels too: in
  /// one channel many rules are the same.
  static func contract(of implementation: any Implementation, failingOn recipe: Recipe) -> Contract? {
    guard let problem = try? recipe.render(), let answers = try? answers(implementation, to: problem),
      let first = contract(of: answers, to: problem, implementation.declaration(for: problem)),
      let wider = [4, 32, 128].lazy.compactMap({ recipe.probe(size: $0) }).first(where: {
        implementation.refusal(of: $0) == nil
      }), let wide = try? self.answers(implementation, to: wider)
    else { return nil }
    let declaration = implementation.declaration(for: wider)
    return ([first] + problem.contract.neighbours(of: problem)).first { contract in
      agrees(answers, to: problem, under: contract, declaration)
        && agrees(wide, to: wider, under: contract, declaration)
    }
  }

  private static func answers(_ implementation: any Implementation, to problem: Problem) throws -> Evaluation
  {
    try implementation.evaluate(problem, request: Request())
  }

  private static func agrees(
    _ answers: Evaluation, to problem: Problem, under contract: Contract, _ declaration: Declaration
  ) -> Bool {
    var (draft, answers, declaration) = (Draft(problem), answers, declaration)
    (draft.contract, declaration.contract) = (contract, nil)
    if contract.layout != problem.contract.layout {
      // A problem holds its states as [Dv, Dk], whatever lies on the wire.
      for input in [Input.stateIn, .dstateOut] { draft[input] = draft[input]?.swappingLastAxes() }
      for quantity in [Quantity.stateOut, .dstateIn] {
        answers.results[quantity] = answers.results[quantity]?.swappingLastAxes()
      }
    }
    guard let other = try? draft.problem(domain: .any) else { return false }
    let asked = Set(other.quantities)
    answers.results = answers.results.filter { asked.contains($0.key) }
    let judgement = CrossCheck(other).judge(evaluation: answers, double: nil, declaration: declaration)
    // A bound need not hold where the other rule is given what it does not allow, a negative factor for one.
    return !judgement.ratios.isEmpty && judgement.ratios.values.allSatisfy { $0 <= 10 }
  }
}

extension Contract {
  /// What differs in one part, as kernels of today do, in the order in which it is met.
  fileprivate func neighbours(of problem: Problem) -> [Contract] {
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
  /// A plain problem with several channels of the same level, decay, contract and format; nil if it makes none.
  fileprivate func probe(size: Int) -> Problem? {
    var probe = Recipe(
      T: 3, Hv: 2, Dk: size, Dv: size, decayKind: decayKind, level: level, decay: .constant(-0.5),
      state: .random, dstate: .random, precision: precision, seed: 1)
    probe.contract = contract
    return try? probe.render()
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
