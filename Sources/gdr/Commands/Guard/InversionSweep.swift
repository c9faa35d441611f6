import GatedDeltaRule
import Generator
import Inversion
import Kernels

/// Which bare systems are solved: the product of all axes, or those at equal decay and one chunk that take no time.
package struct InversionSweep: Sendable {
  /// What is run.
  package let axes: InversionMap.Axes

  /// Rows of a sub-block.
  package static let subBlocks = [4, 8, 16, 32, 64, 128]
  private static let chunks = [16, 32, 64, 128]

  /// Of this extent.
  package init(_ extent: GuardSweep.Extent) {
    let isQuick = extent == .quick
    axes = InversionMap.Axes(
      keys: GuardPoint.geometries,
      strengths: isQuick ? [GuardPoint().beta, 1.9] : GuardPoint.strengths + GuardPoint.wideStrengths,
      decays: isQuick ? [1] : GuardPoint.decays, chunks: isQuick ? [64] : InversionSweep.chunks,
      methods: Inversion.Method.allCases.map(\.rawValue), products: ProductFormat.allCases.map(\.rawValue),
      subBlocks: isQuick ? [4, 8, 16, 32, 64] : InversionSweep.subBlocks)
  }

  /// One problem, whose first chunk is taken in every length.
  private struct Job: Sendable {
    let point: GuardPoint
    let chunks: [Int]
  }

  /// Every error.
  package func run() throws -> InversionMap {
    let T = axes.chunks.max() ?? 0
    let jobs = axes.keys.flatMap { keys in
      axes.strengths.flatMap { beta in
        axes.decays.map { g in
          Job(point: GuardPoint(keys: keys, beta: beta, g: g, T: T), chunks: axes.chunks)
        }
      }
    }
    let progress = JobProgress("bare solves", of: jobs.count)
    defer { progress.clear() }
    let subBlocks = axes.subBlocks
    let errors = try inParallel(jobs) { job in
      if Interruption.isRequested { throw Interrupted() }
      defer { progress.advance() }
      let problem = try job.point.problem()
      return job.chunks.flatMap { InversionSweep.errors(problem, chunk: $0, subBlocks: subBlocks) }
    }
    return InversionMap(axes, errors: errors.flatMap(\.self))
  }

  private static func errors(_ problem: Problem, chunk: Int, subBlocks: [Int]) -> [Double?] {
    let system = TriangularSystem(problem, chunk: chunk)
    let inverter = Inverter(A: system.A, R: system.R, size: chunk)
    let fitting = subBlocks.filter { $0 <= chunk }
    let ways = Inversion.Method.allCases.flatMap { method in
      ProductFormat.allCases.flatMap { products in
        fitting.map { Inversion(method, subBlock: $0, products: products) }
      }
    }
    let errors = inverter.errors(of: ways, from: system.exact()).map(rounded)
    // A sub-block of more rows than the chunk has is the chunk, and stands there already.
    let missing = [Double?](repeating: nil, count: subBlocks.count - fitting.count)
    return stride(from: 0, to: errors.count, by: fitting.count).flatMap { first in
      errors[first..<first + fitting.count].map(Optional.some) + missing
    }
  }

  /// Three digits: there are hundreds of thousands of them in a file.
  private static func rounded(_ error: Double) -> Double { Decimal.rounded(error, digits: 3) }
}
