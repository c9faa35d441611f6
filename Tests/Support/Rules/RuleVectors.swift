import Foundation
import GatedDeltaRule

/// q or k, normalised and scaled as a contract has it, in fp32; or every step of it, forth and back, in a coarser format,
/// but for squares and lengths that would leave the range of fp16.
struct RuleVectors {
  let rows: [Float]
  private let unit, factors: [Float]
  private let width: Int
  private let scale: Float
  private let isNormalised, dropsGradient: Bool
  private let format: Precision

  /// What masked tokens hold is nobody's business.
  init(
    _ tensor: Tensor, live: [Bool]?, _ contract: Contract, _ fault: RuleKernel.Fault?, scale: Double,
    isKey: Bool, format: Precision = .fp32
  ) {
    func cut(_ x: Float) -> Float { RuleVectors.rounded(x, to: format) }
    func wide(_ x: Float) -> Float { format == .fp16 ? x : cut(x) }
    let width = tensor.shape[3]
    let perToken = tensor.shape[2] * width
    let x = tensor.values.indices.map { i in
      live.map { $0[i / perToken] } ?? true ? Float(tensor.values[i]) : 0
    }
    var (unit, factors) = (x, [Float](repeating: 1, count: x.count / width))
    var backward = factors
    var isNormalised = false
    if case .l2norm(let epsilon) = contract.queryKey, fault != .normIgnored, fault != .keysAlone || isKey {
      isNormalised = true
      for row in factors.indices {
        var square: Float = 0
        for j in row * width..<(row + 1) * width { square += wide(x[j] * x[j]) }
        factors[row] =
          fault == .epsilonOutside
          ? 1 / (square.squareRoot() + Float(epsilon))
          : wide(1 / wide(wide(square) + Float(epsilon)).squareRoot())
        backward[row] =
          fault == .otherEpsilonBackward ? 1 / (square + Float(epsilon) / 1e6).squareRoot() : factors[row]
        for j in row * width..<(row + 1) * width { unit[j] = cut(x[j] * factors[row]) }
      }
    }
    let factor = Float(scale)
    rows = unit.map {
      fault == .scaleIgnored ? $0 : fault == .scaleTwice ? $0 * factor * factor : cut($0 * factor)
    }
    self.scale = fault == .scaleGradientIgnored || fault == .scaleIgnored ? 1 : factor
    (self.unit, self.factors, self.width, self.isNormalised) = (unit, backward, width, isNormalised)
    self.format = format
    dropsGradient = fault == .normGradientIgnored
  }

  private static func rounded(_ x: Float, to format: Precision) -> Float {
    format.isCoarse ? Float(format.round(Double(x))) : x
  }

  /// From the gradient by the rows to that by what was given.
  func pulledBack(_ gradient: [Float]) -> [Float] {
    func cut(_ x: Float) -> Float { RuleVectors.rounded(x, to: format) }
    var result = gradient.map { cut(cut($0) * scale) }
    guard isNormalised else { return result }
    for row in factors.indices {
      let places = row * width..<(row + 1) * width
      var along: Float = 0
      for j in places { along += cut(unit[j] * result[j]) }
      if dropsGradient { along = 0 }
      for j in places { result[j] = cut(cut(result[j] - cut(unit[j] * cut(along))) * factors[row]) }
    }
    return result
  }
}
