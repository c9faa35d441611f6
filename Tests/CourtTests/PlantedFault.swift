import GatedDeltaRule
import Implementations
import Synchronization

/// An honest implementation with one fault planted in front of it or behind it.
struct PlantedFault: Implementation {
  let name: String
  let summary = "planted"
  let base: any Implementation
  let declaration: Declaration
  let fault: @Sendable (Problem, Request, any Implementation) throws -> Evaluation

  init(
    _ name: String, in base: String = "sequential",
    fault: @escaping @Sendable (Problem, Request, any Implementation) throws -> Evaluation
  ) {
    (self.name, self.fault) = (name, fault)
    self.base = Registry.named(base)!
    declaration = self.base.declaration
  }

  func refusal(of problem: Problem) -> String? { base.refusal(of: problem) }

  func evaluate(_ problem: Problem, _ request: Request) throws -> Evaluation {
    try fault(problem, request, base)
  }
}

extension PlantedFault {
  static let all: [PlantedFault] = [
    PlantedFault("a masked token decays") { problem, request, base in
      guard let mask = problem.mask, problem.shape.T > 0 else { return try base.evaluate(problem, request) }
      let live = try problem.editing { name, values in
        guard ["q", "k", "v", "g", "beta", "a", "b", "dy"].contains(name) else { return }
        let width = values.count / mask.live.count
        for i in values.indices where !mask.live[i / width] {
          values[i] = name == "g" ? 0.5 : name == "b" ? -1000 : 0
        }
      }
      return try base.evaluate(live.masked(by: nil), request)
    },
    PlantedFault("the last token is not processed") { problem, request, base in
      try base.evaluate(problem.masked(by: problem.withoutLastToken), request)
    },
    PlantedFault("a pad is multiplied by the mask, not selected") { problem, request, base in
      var found = try base.evaluate(problem, request)
      guard let mask = problem.mask, mask.live.contains(false) else { return found }
      let isBad = problem.primals.k.values.contains { !$0.isFinite }
      if isBad { found.results[.stateOut]!.values[0] = .nan }
      return found
    },
    PlantedFault("value head h reads key head h mod Hk") { problem, request, base in
      let (Hk, Hv) = (problem.shape.Hk, problem.shape.Hv)
      // Value heads in the order that makes h / r of them h mod Hk of the problem's.
      let order = (0..<Hv).sorted { ($0 % Hk, $0) < ($1 % Hk, $1) }
      let found = try base.evaluate(try problem.takingHeads(order), request)
      let back = (0..<Hv).map { order.firstIndex(of: $0)! }
      return found.takingHeads(back)
    },
    PlantedFault("the group's sum misses a head") { problem, request, base in
      var found = try base.evaluate(problem, request)
      guard problem.shape.groupSize > 1, request.gradients else { return found }
      let partial = try problem.editing { name, values in
        guard name == "dy" || name == "dstate_out" else { return }
        let size = name == "dy" ? problem.shape.Dv : problem.shape.Dv * problem.shape.Dk
        for i in values.indices where (i / size) % problem.shape.groupSize == 0 { values[i] = 0 }
      }
      let other = try base.evaluate(partial, request)
      (found.results[.dq], found.results[.dk]) = (other[.dq], other[.dk])
      return found
    },
    scaling("dbeta is off by 1e-3", [.dbeta, .db], by: 1.001),
    scaling("dg is off by 1e-3", [.dg, .da], by: 1.001),
    scaling("dv is off by 1e-3", [.dv], by: 1.001),
    scaling("dk is off by 1e-3", [.dk], by: 1.001),
    scaling("dq is off by 1e-3", [.dq], by: 1.001),
    scaling("the gradient of the state is off by 1e-3", [.dstateIn], by: 1.001),
    scaling("dA_log is off by 1e-3", [.dA_log], by: 1.001),
    scaling("ddt_bias is off by 1e-3", [.ddt_bias], by: 1.001),
    PlantedFault("the state leaks into the next batch row") { problem, request, base in
      var found = try base.evaluate(problem, request)
      guard problem.shape.B > 1 else { return found }
      let size = found[.stateOut]!.values.count / problem.shape.B
      let next = try problem.editing { name, values in
        guard name == "state_in" else { return }
        for i in size..<values.count { values[i] += found[.stateOut]!.values[i - size] * 1e-3 }
      }
      found = try base.evaluate(next, request)
      return found
    },
    PlantedFault("noise from a counter", fault: noise),
    PlantedFault("inference takes another path") { problem, request, base in
      var found = try base.evaluate(problem, request)
      if !request.gradients, let first = found[.y]?.values.first {
        found.results[.y]!.values[0] = first * 1.001 + 1e-6
      }
      return found
    },
    PlantedFault("an absent state is not zero") { problem, request, base in
      guard problem.primals.state == nil else { return try base.evaluate(problem, request) }
      var primals = problem.primals
      primals.state = Tensor(shape: problem.shape.state, repeating: 0.125)
      return try base.evaluate(
        Problem(shape: problem.shape, primals: primals, mask: problem.mask, cotangents: problem.cotangents),
        request)
    },
    PlantedFault("any mask shifts the output") { problem, request, base in
      var found = try base.evaluate(problem, request)
      if problem.mask != nil { found.results[.y] = found[.y]!.scaled(by: 1.001) }
      return found
    },
    PlantedFault("NaN becomes zero") { problem, request, base in
      let clean = try problem.editing { _, values in
        for i in values.indices where values[i].isNaN { values[i] = 0 }
      }
      return try base.evaluate(clean, request)
    },
    PlantedFault("the last value channel past a multiple of four is dropped") { problem, request, base in
      let Dv = problem.shape.Dv
      let cut = try problem.editing { name, values in
        guard name == "v", Dv % 4 != 0 else { return }
        for i in values.indices where i % Dv == Dv - 1 { values[i] = 0 }
      }
      return try base.evaluate(cut, request)
    },
    PlantedFault("the last key channel of an odd number is dropped") { problem, request, base in
      let Dk = problem.shape.Dk
      let cut = try problem.editing { name, values in
        guard name == "k" || name == "q", Dk % 2 == 1 else { return }
        for i in values.indices where i % Dk == Dk - 1 { values[i] = 0 }
      }
      return try base.evaluate(cut, request)
    },
    PlantedFault("the first query channel loses its sign") { problem, request, base in
      let Dk = problem.shape.Dk
      let cut = try problem.editing { name, values in
        guard name == "q" else { return }
        for i in values.indices where i % Dk == 0 { values[i] = abs(values[i]) }
      }
      return try base.evaluate(cut, request)
    },
    PlantedFault("values are clipped at 2") { problem, request, base in
      let clipped = try problem.editing { name, values in
        guard name == "v" else { return }
        for i in values.indices where values[i].isFinite { values[i] = min(max(values[i], -2), 2) }
      }
      return try base.evaluate(clipped, request)
    },
    PlantedFault("beta is off by 1e-5") { problem, request, base in
      let off = try problem.editing { name, values in
        guard name == "beta" else { return }
        for i in values.indices { values[i] = Double(Float(values[i] * (1 - 1e-5))) }
      }
      return try base.evaluate(off, request)
    },
    PlantedFault("a is shifted, so that the decay is another") { problem, request, base in
      let off = try problem.editing { name, values in
        guard name == "a" || name == "g" else { return }
        for i in values.indices {
          values[i] = name == "a" ? values[i] + 0.0078125 : Double(Float(values[i] * (1 - 0x1p-12)))
        }
      }
      return try base.evaluate(off, request)
    },
    PlantedFault("the state is bf16 where it is handed out") { problem, request, base in
      var found = try base.evaluate(problem, request)
      let state = found[.stateOut]!
      found.results[.stateOut] = Tensor(
        shape: state.shape, precision: state.precision, values: state.values.map(Precision.bf16.round))
      return found
    },
    PlantedFault("past a chunk the cotangent of the state is lost", in: "chunked-stable") {
      problem, request, base in
      guard problem.shape.T > 64 else { return try base.evaluate(problem, request) }
      let lost = Outputs(y: problem.cotangents.y, state: nil)
      return try base.evaluate(
        Problem(shape: problem.shape, primals: problem.primals, mask: problem.mask, cotangents: lost), request
      )
    },
  ]

  private static func scaling(_ name: String, _ quantities: [Quantity], by factor: Double) -> PlantedFault {
    PlantedFault(name) { problem, request, base in
      var found = try base.evaluate(problem, request)
      for quantity in quantities {
        found.results[quantity] = found[quantity]?.scaled(by: factor)
      }
      return found
    }
  }

  private static let counter = Atomic<Int>(0)

  @Sendable private static func noise(
    _ problem: Problem, _ request: Request, _ base: any Implementation
  ) throws -> Evaluation {
    var found = try base.evaluate(problem, request)
    let count = counter.add(1, ordering: .relaxed).newValue
    if count % 2 == 0, let first = found[.y]?.values.first {
      found.results[.y]!.values[0] = Double(Float(first * (1 + 0x1p-22)))
    }
    return found
  }
}

extension Tensor {
  fileprivate func scaled(by factor: Double) -> Tensor {
    Tensor(shape: shape, precision: precision, values: values.map { Double(Float($0 * factor)) })
  }

  /// The entries of an axis in another order.
  fileprivate func taking(_ order: [Int], axis: Int) -> Tensor {
    let inner = shape[(axis + 1)...].reduce(1, *)
    var copy = self
    for i in values.indices {
      let place = i / inner % order.count
      copy.values[i] = values[i + (order[place] - place) * inner]
    }
    return copy
  }
}

extension Evaluation {
  fileprivate func takingHeads(_ order: [Int]) -> Evaluation {
    var copy = self
    for (quantity, tensor) in results {
      switch quantity {
      case .y, .dv, .dg, .dbeta, .da, .db: copy.results[quantity] = tensor.taking(order, axis: 2)
      case .stateOut, .dstateIn: copy.results[quantity] = tensor.taking(order, axis: 1)
      case .dA_log, .ddt_bias: copy.results[quantity] = tensor.taking(order, axis: 0)
      case .dq, .dk: break
      }
    }
    return copy
  }
}

extension Problem {
  /// The problem with other values, by wire name.
  fileprivate func editing(_ edit: (String, inout [Double]) -> Void) throws -> Problem {
    func edited(_ name: String, _ tensor: Tensor) -> Tensor {
      var copy = tensor
      edit(name, &copy.values)
      return copy
    }
    let gates: Gates =
      switch primals.gates {
      case .core(let g, let beta): .core(g: edited("g", g), beta: edited("beta", beta))
      case .model(let a, let b, let A_log, let dt_bias):
        .model(
          a: edited("a", a), b: edited("b", b), A_log: edited("A_log", A_log),
          dt_bias: edited("dt_bias", dt_bias))
      }
    let primals = Primals(
      q: edited("q", primals.q), k: edited("k", primals.k), v: edited("v", primals.v), gates: gates,
      state: primals.state.map { edited("state_in", $0) })
    let cotangents = Outputs(
      y: cotangents.y.map { edited("dy", $0) }, state: cotangents.state.map { edited("dstate_out", $0) })
    return try Problem(shape: shape, primals: primals, mask: mask, cotangents: cotangents, domain: .any)
  }

  fileprivate func masked(by mask: Mask?) throws -> Problem {
    try Problem(shape: shape, primals: primals, mask: mask, cotangents: cotangents, domain: .any)
  }

  fileprivate var withoutLastToken: Mask {
    let live = (0..<shape.B * shape.T).map { $0 % shape.T < shape.T - 1 && mask?.live[$0] ?? true }
    return Mask(B: shape.B, T: shape.T, live: live)
  }

  /// The problem with its value heads in another order, and the key heads where they were.
  fileprivate func takingHeads(_ order: [Int]) throws -> Problem {
    func taking(_ tensor: Tensor, _ axis: Int) -> Tensor { tensor.taking(order, axis: axis) }
    let gates: Gates =
      switch primals.gates {
      case .core(let g, let beta): .core(g: taking(g, 2), beta: taking(beta, 2))
      case .model(let a, let b, let A_log, let dt_bias):
        .model(a: taking(a, 2), b: taking(b, 2), A_log: taking(A_log, 0), dt_bias: taking(dt_bias, 0))
      }
    let primals = Primals(
      q: primals.q, k: primals.k, v: taking(primals.v, 2), gates: gates,
      state: primals.state.map { taking($0, 1) })
    let cotangents = Outputs(
      y: cotangents.y.map { taking($0, 2) }, state: cotangents.state.map { taking($0, 1) })
    return try Problem(shape: shape, primals: primals, mask: mask, cotangents: cotangents, domain: .any)
  }
}
