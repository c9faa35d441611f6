import GatedDeltaRule

/// Heads, channels and the format of the problems that a worker is examined with.
public struct SpecimenSizes: Hashable, Sendable, CustomStringConvertible {
  /// Key heads, value heads, channels of a key, channels of a value.
  public let Hk, Hv, Dk, Dv: Int
  /// Of the inputs.
  public let precision: Precision

  /// The ones with which every shape is told from every other.
  public static let small = SpecimenSizes(Hk: 1, Hv: 2, Dk: 4, Dv: 3, precision: .fp32)

  /// - Precondition: they make a shape.
  public init(Hk: Int, Hv: Int, Dk: Int, Dv: Int, precision: Precision) {
    (self.Hk, self.Hv, self.Dk, self.Dv, self.precision) = (Hk, Hv, Dk, Dv, precision)
  }

  /// `Hk 1, Hv 2, Dk 4, Dv 3, fp32`.
  public var description: String { "Hk \(Hk), Hv \(Hv), Dk \(Dk), Dv \(Dv), \(precision.rawValue)" }
}

/// A small problem with values of no particular merit.
struct Specimen {
  enum Variation: String, CaseIterable {
    case noTokens = "takes T = 0"
    case oneToken = "takes T = 1"
    case mask = "takes a mask"
    case noState = "takes an absent state"
    case noCotangents = "takes absent cotangents"
    case noGradients = "answers without gradients when they are not asked for"
    case channels = "takes a decay per key channel"
    case manyTokens = "takes T = 65"
  }

  let problem: Problem

  init(
    level: Level, decay: DecayKind, B: Int = 2, T: Int, varied variation: Variation? = nil,
    sizes: SpecimenSizes = .small, contract: Contract
  ) {
    let T = [.noTokens: 0, .oneToken: 1, .manyTokens: 65][variation] ?? T
    // Dimensions this small are legal, and the tensors have the shapes that they ask for.
    let shape = try! Shape(
      B: B, T: T, Hk: sizes.Hk, Hv: sizes.Hv, Dk: sizes.Dk, Dv: sizes.Dv,
      decayKind: variation == .channels ? .perChannel : decay)
    var state: UInt64 = 0
    func numbers(_ shape: [Int], _ range: ClosedRange<Double>) -> Tensor {
      var tensor = Tensor(shape: shape)
      for index in tensor.values.indices {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let unit = Double(state >> 40) * 0x1p-24
        tensor.values[index] = Double(Float(range.lowerBound + unit * (range.upperBound - range.lowerBound)))
      }
      return tensor
    }
    func tensor(_ shape: [Int], _ range: ClosedRange<Double>) -> Tensor {
      numbers(shape, range).rounded(to: sizes.precision)
    }
    // Of the same length whatever the channels, so that no state leaves the range.
    let channel = 1 / Double(sizes.Dk).squareRoot()
    let decays = contract.decay == .log ? -0.7...0 : 0.5...1
    let gates: Gates =
      switch level {
      case .core: .core(g: numbers(shape.gate, decays), beta: tensor(shape.token, 0...1))
      case .model:
        .model(
          a: tensor(shape.gate, -1...1), b: tensor(shape.token, -1...1), A_log: numbers(shape.A_log, -1...1),
          dt_bias: numbers(shape.dt_bias, -1...1))
      }
    let primals = Primals(
      q: tensor(shape.key, -channel...channel), k: tensor(shape.key, -channel...channel),
      v: tensor(shape.value, -1...1),
      gates: gates,
      state: variation == .noState ? nil : numbers(shape.state, -1...1).rounded(to: contract.state))
    let cotangents =
      variation == .noCotangents
      ? Outputs() : Outputs(y: tensor(shape.value, -1...1), state: numbers(shape.state, -1...1))
    let mask =
      variation == .mask ? Mask(B: B, T: T, live: (0..<B * T).map { $0 % 3 != 0 }) : nil
    problem = try! Problem(
      shape: shape, primals: primals, mask: mask, cotangents: cotangents, contract: contract)
  }
}

extension [Specimen.Variation: Int] {
  fileprivate subscript(variation: Specimen.Variation?) -> Int? { variation.flatMap { self[$0] } }
}
