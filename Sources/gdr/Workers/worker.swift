// A worker in Swift: main.swift of an executable target that depends on the products GatedDeltaRule and Foreign.
//
//     gdr fuzz --against 'mine=.build/release/worker'
//
// `serve` speaks the protocol: it reads safetensors frames from standard input, asks the implementation, and writes
// its answers, until the input ends. In the same process `expectAgreement(of: Mine())` of the product Oracle does
// without a pipe.
import Foreign
import GatedDeltaRule

struct Mine: Implementation {
  let name = "mine"
  let summary = "one token after the other, forward only"
  // The contract says which rule it computes; .plain is the one below. Another is, for example,
  // try! Contract("qk=l2norm:1e-6,scale=rsqrt"), and every case will be one of it.
  let declaration = Declaration(form: .sequential, clamp: .none, offersDouble: false, contract: .plain)

  func refusal(of problem: Problem) -> String? {
    if let contract = declaration.contract, problem.contract != contract {
      return "computes the contract \(contract), the case asks for \(problem.contract)"
    }
    return problem.level == .model ? "takes g and beta, not a, b, A_log and dt_bias" : nil
  }

  // S~ = S g;  e = v - S~ k;  S = S~ + beta e k^T;  y = S q.  This is the function to replace.
  func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
    guard case .core(let g, let beta) = problem.primals.gates else { throw Refusal("core level only") }
    let (shape, x) = (problem.shape, problem.primals)
    var y = Tensor(shape: shape.value)
    var state = x.state ?? Tensor(shape: shape.state)
    let (Dk, Dv) = (shape.Dk, shape.Dv)
    for b in 0..<shape.B {
      for h in 0..<shape.Hv {
        for t in 0..<shape.T where problem.isLive(b, t) {
          let token = (b * shape.T + t) * shape.Hv + h
          let key = ((b * shape.T + t) * shape.Hk + h / shape.groupSize) * Dk
          for i in 0..<Dv {
            let row = ((b * shape.Hv + h) * Dv + i) * Dk
            var e = Float(x.v.values[token * Dv + i])
            for j in 0..<Dk {
              let decay = shape.decayKind == .scalar ? g.values[token] : g.values[token * Dk + j]
              state.values[row + j] = Double(Float(state.values[row + j]) * Float(decay))
              e -= Float(state.values[row + j]) * Float(x.k.values[key + j])
            }
            var sum: Float = 0
            for j in 0..<Dk {
              let write = Float(beta.values[token]) * e * Float(x.k.values[key + j])
              state.values[row + j] = Double(Float(state.values[row + j]) + write)
              sum += Float(state.values[row + j]) * Float(x.q.values[key + j])
            }
            y.values[token * Dv + i] = Double(sum)
          }
        }
      }
    }
    return Evaluation(results: [.y: y, .stateOut: state])
  }
}

try serve(Mine())
