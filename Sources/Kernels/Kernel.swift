import Dispatch
import GatedDeltaRule
import Synchronization

/// One form of the rule at core level, in any arithmetic; the gates around it are everybody's.
protocol Kernel: PackedTraining {
  /// Its gates.
  var gates: GateRule { get }
  /// States, Dv x Dk, that it holds at once for the value heads of one key head.
  func keptStates(_ shape: Shape) -> Int
  /// Fills in the results of these groups, of B x Hk: the value heads that read one key head of one batch row.
  /// Everything it holds comes from `arena`.
  func run<R: Real>(
    _ problem: CoreProblem<R>, groups: Range<Int>, into results: CoreResults<R>, arena: Arena)
}

extension Kernel {
  /// The states that every thread holds, in fp64 and padded.
  func workingBytes(for shape: Shape, threads: Int) -> Double {
    let state = 8 * Double(shape.Dv + 7) * Double(lanes(shape.Dk) * 8)
    return Double(keptStates(shape)) * state * Double(max(1, min(threads, shape.B * shape.Hk)))
  }

  /// - Throws: `Refusal` where `refusal(of:)` says so.
  func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
    if let reason = refusal(of: problem) { throw Refusal(reason) }
    return switch request.arithmetic {
    case .working: evaluate(problem, request: request, as: Float.self)
    case .double: evaluate(problem, request: request, as: Double.self)
    }
  }

  private func evaluate<R: Real>(_ problem: Problem, request: Request, as: R.Type) -> Evaluation {
    let boundary = Arena(threads: request.threads)
    let gates = GateValues<R>(problem, rule: self.gates, arena: boundary)
    let core = CoreProblem<R>(
      problem, decay: UnsafePointer(gates.g), beta: UnsafePointer(gates.beta), arena: boundary)
    let results = CoreResults(core, gradients: request.gradients, arena: boundary)
    let peakBytes = run(core, into: results, threads: request.threads)
    // What is of the shape of an input has its list of sizes.
    let (ofValue, ofState) = (
      problem.primals.v.shape, problem.primals.state?.shape ?? problem.shape.state
    )
    func tensor(_ rows: MutableRow<R>, _ shape: [Int]) -> Tensor {
      unpadded(rows, shape: shape, boundary.parts)
    }
    var state = tensor(results.state, ofState)
    if request.arithmetic == .working, problem.contract.state != .fp32 {
      state = state.rounded(to: problem.contract.state)
    }
    let outputs = Outputs(y: tensor(results.y, ofValue), state: state)
    let primals = results.gradients.map { found in
      found.primals(core, gates, problem, state: tensor(found.dstate, ofState), arena: boundary)
    }
    var evaluation = Evaluation(outputs: outputs, gradients: primals, peakBytes: peakBytes)
    if !problem.contract.hasRate { evaluation.results[.dA_log] = nil }
    withExtendedLifetime(boundary) {}
    return evaluation
  }

  /// Runs every group, each thread its share of them with working memory of its own; groups share no result.
  /// Returns the bytes of that memory.
  private func run<R: Real>(_ problem: CoreProblem<R>, into results: CoreResults<R>, threads: Int) -> Int {
    let count = problem.shape.B * problem.shape.Hk
    let shares = max(1, min(threads, count))
    if shares == 1 {
      let arena = Arena()
      run(problem, groups: 0..<count, into: results, arena: arena)
      return withExtendedLifetime(arena) { arena.bytes }
    }
    let bytes = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: shares) { share in
      let arena = Arena()
      let groups = count * share / shares..<count * (share + 1) / shares
      run(problem, groups: groups, into: results, arena: arena)
      bytes.add(arena.bytes, ordering: .relaxed)
      withExtendedLifetime(arena) {}
    }
    return bytes.load(ordering: .relaxed)
  }
}

extension CoreGradients {
  /// The gradients by what a problem holds: those by q and k from behind their normalisation, those by the gates from
  /// behind their formulas.
  func primals(
    _ core: CoreProblem<R>, _ gates: GateValues<R>, _ problem: Problem, state: Tensor, arena: Arena
  ) -> Primals {
    core.queries.pullBack(dq)
    core.keys.pullBack(dk)
    let primals = problem.primals
    return Primals(
      q: unpadded(dq, shape: primals.q.shape, arena.parts),
      k: unpadded(dk, shape: primals.k.shape, arena.parts),
      v: unpadded(dv, shape: primals.v.shape, arena.parts),
      gates: gates.gradients(problem, ddecay: ddecay, dbeta: dbeta, arena: arena), state: state)
  }
}
