import GatedDeltaRule

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
    level: Level, decay: DecayKind, B: Int = 2, T: Int, varied variation: Variation? = nil, contract: Contract
  ) {
    let T = [.noTokens: 0, .oneToken: 1, .manyTokens: 65][variation] ?? T
    // Dimensions this small are legal, and the tensors have the shapes that they ask for.
    let shape = try! Shape(
      B: B, T: T, Hk: 1, Hv: 2, Dk: 4, Dv: 3, decayKind: variation == .channels ? .perChannel : decay)
    var state: UInt64 = 0
    func tensor(_ shape: [Int], _ range: ClosedRange<Double>) -> Tensor {
      var tensor = Tensor(shape: shape)
      for index in tensor.values.indices {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let unit = Double(state >> 40) * 0x1p-24
        tensor.values[index] = Double(Float(range.lowerBound + unit * (range.upperBound - range.lowerBound)))
      }
      return tensor
    }
    let decays = contract.decay == .log ? -0.7...0 : 0.5...1
    let gates: Gates =
      switch level {
      case .core: .core(g: tensor(shape.gate, decays), beta: tensor(shape.token, 0...1))
      case .model:
        .model(
          a: tensor(shape.gate, -1...1), b: tensor(shape.token, -1...1), A_log: tensor(shape.A_log, -1...1),
          dt_bias: tensor(shape.dt_bias, -1...1))
      }
    let primals = Primals(
      q: tensor(shape.key, -0.5...0.5), k: tensor(shape.key, -0.5...0.5), v: tensor(shape.value, -1...1),
      gates: gates,
      state: variation == .noState ? nil : tensor(shape.state, -1...1).rounded(to: contract.state))
    let cotangents =
      variation == .noCotangents
      ? Outputs() : Outputs(y: tensor(shape.value, -1...1), state: tensor(shape.state, -1...1))
    let mask =
      variation == .mask ? Mask(B: B, T: T, live: (0..<B * T).map { $0 % 3 != 0 }) : nil
    problem = try! Problem(
      shape: shape, primals: primals, mask: mask, cotangents: cotangents, contract: contract)
  }
}

extension [Specimen.Variation: Int] {
  fileprivate subscript(variation: Specimen.Variation?) -> Int? { variation.flatMap { self[$0] } }
}
