import GatedDeltaRule
import Implementations
import Kernels
import Oracle

/// What is run: whole layers along the axes from the corner, and the bare solve on every combination.
package struct GuardSweep: Sendable {
  /// How much of it.
  package enum Extent: Hashable, Sendable {
    /// The corner and what the facts need: seconds.
    case quick
    /// Every axis.
    case full
  }

  /// Rows of a sub-block.
  package static let subBlocks = [4, 8, 16, 20, 24, 32, 64]

  private struct Job: Sendable {
    let point: GuardPoint
    let solves: [Solve]
    let runsLayer: Bool
  }

  private let jobs: [Job]

  /// The places of this extent.
  package init(_ extent: Extent, default solve: Solve) {
    switch extent {
    case .quick: jobs = GuardSweep.quick(solve)
    case .full: jobs = GuardSweep.full()
    }
  }

  /// Doubling in these sub-blocks at the corner alone, over one chunk and over four.
  package init(corner subBlocks: [Int]) {
    let solves = subBlocks.map { Solve(.doubling, subBlock: $0) }
    jobs = [64, 256].map { Job(point: GuardPoint(T: $0), solves: solves, runsLayer: true) }
  }

  /// Every solve in every sub-block.
  package static var solves: [Solve] {
    Solve.Method.allCases.flatMap { method in subBlocks.map { Solve(method, subBlock: $0) } }
  }

  private static func quick(_ solve: Solve) -> [Job] {
    let few =
      [8, 16, 32].map { Solve(.doubling, subBlock: $0) }
      + subBlocks.map { Solve(.substitution, subBlock: $0) }
      + [Solve(.recursiveInverse, subBlock: 64), Solve(.mergedInverse, subBlock: 16)]
    let solves = few.contains(solve) ? few : few + [solve]
    return ["equal", "flipped", "random"].flatMap { keys in
      [64, 256].map { Job(point: GuardPoint(keys: keys, T: $0), solves: solves, runsLayer: true) }
    }
  }

  private static func full() -> [Job] {
    let strengths = GuardPoint.strengths + GuardPoint.wideStrengths
    var layers: [GuardPoint] = []
    for keys in GuardPoint.geometries {
      layers += [64, 256].map { GuardPoint(keys: keys, T: $0) }
      layers += GuardPoint.chunks.map { GuardPoint(keys: keys, chunk: $0) }
    }
    for beta in strengths { layers += GuardPoint.decays.map { GuardPoint(beta: beta, g: $0) } }
    for keys in ["equal", "cone:15", "random"] {
      layers += GuardPoint.lengths.map { GuardPoint(keys: keys, T: $0) }
    }
    var seen: Set<GuardPoint> = []
    let unique = layers.filter { seen.insert($0).inserted }
    var solveOnly: [GuardPoint] = []
    for keys in GuardPoint.geometries {
      // Beyond 1 the bare solves are those of `InversionSweep`.
      for beta in GuardPoint.strengths {
        for g in GuardPoint.decays {
          for chunk in GuardPoint.chunks {
            let point = GuardPoint(keys: keys, beta: beta, g: g, T: chunk, chunk: chunk)
            if !seen.contains(point) { solveOnly.append(point) }
          }
        }
      }
    }
    // The longest first: the cores then end together.
    return unique.sorted { $0.T > $1.T }.map { Job(point: $0, solves: solves, runsLayer: true) }
      + solveOnly.map { Job(point: $0, solves: solves, runsLayer: false) }
  }

  /// Every cell, in the order of the places.
  package func run() throws -> [GuardCell] {
    let progress = JobProgress("layers and their solves", of: jobs.count)
    defer { progress.clear() }
    return try inParallel(jobs) { job in
      defer { progress.advance() }
      return try GuardSweep.cells(job)
    }.flatMap(\.self)
  }

  private static func cells(_ job: Job) throws -> [GuardCell] {
    let problem = try job.point.problem()
    let system = TriangularSystem(problem, chunk: job.point.chunk)
    let exact = system.exact()
    let check = CrossCheck(problem)
    return try job.solves.map { solve in
      let layer = job.runsLayer ? try GuardSweep.layer(solve, job.point, check) : nil
      return GuardCell(
        solve, at: job.point, error: layer?.error, grade: layer?.grade,
        measure: system.measure(solve, exact: exact))
    }
  }

  private static func layer(
    _ solve: Solve, _ point: GuardPoint, _ check: CrossCheck
  ) throws -> (error: Double, grade: Grade) {
    var form = ChunkedForm.upstream(solve)
    form.chunk = point.chunk
    let implementation = Catalogue.chunked(form, name: "variant")
    let evaluation = try implementation.evaluate(check.problem, request: Request())
    let double = try implementation.evaluate(check.problem, request: Request(arithmetic: .double))
    let declaration = implementation.declaration
    let verdict = check.judge(evaluation: evaluation, double: double, declaration: declaration).verdict
    let reference = check.reference(clamp: declaration.clamp)
    return (
      [Quantity.y, .stateOut].map { RelativeError(of: evaluation[$0], from: reference[$0]).ofLargest }.max()
        ?? .infinity,
      verdict.grade
    )
  }
}
