import GatedDeltaRule
import Sweep
import Twin

/// Honest states of the same sequence, with the roundings that are declared placed at random: how large an honest error is
/// after so many tokens.
///
/// The gates are rounded for each of them once and for all (`Twin.steadilyRounded`), and the state between calls to
/// nearest, as the contract says.
struct DriftTwins {
  private let forms: [TwinForm]
  private let format: Precision
  /// Of forms, of runs.
  private var states: [[Tensor?]]
  /// Tokens behind them.
  private(set) var done = 0
  /// Tokens that are taken at once: those of a call where it matters where one ends.
  let stride: Int

  /// Evaluations of a sequential form, and of each form that a chunked one may have.
  private static let runs = (sequential: 3, chunked: 2)

  /// Nil where a twin does not know what is asked for or declared.
  init?(_ call: Problem, _ declaration: Declaration, tokens: Int) {
    guard call.contract.keepsQueryAndKey, !declaration.sigmoidPrecision.isCoarse else { return nil }
    forms = TwinForm.usual(for: declaration, inputs: call.primals.q.precision).map { form in
      var form = form
      (form.clamp, form.betaPrecision, form.decayPrecision) = (.none, .fp32, .fp32)
      return form
    }
    format = call.contract.state
    let isSequential = declaration.form == .sequential
    let runs = isSequential ? DriftTwins.runs.sequential : DriftTwins.runs.chunked
    states = forms.map { _ in [Tensor?](repeating: nil, count: runs) }
    stride = isSequential && !format.isCoarse ? max(tokens, 64) : tokens
  }

  /// So many tokens further.
  ///
  /// - Parameter gates: those that are declared of them.
  mutating func advance(_ call: Problem, gates: GateTable) throws {
    for (f, form) in forms.enumerated() {
      for run in states[f].indices {
        let seed = UInt64(f * 64 + run)
        let problem = try call.with(gates, seed: seed, from: states[f][run])
        let results = Twin(problem, form: form).results(
          seed: seed << 32 | UInt64(done), gradients: false)
        states[f][run] = results[.stateOut]?.rounded(to: format)
      }
    }
    done += call.shape.T
  }

  /// The RMS of the errors of a form's runs; of several forms the one whose errors are larger.
  func error(from reference: DriftReference) -> Double {
    states.map { runs in
      let squares = runs.map { reference.error(of: $0) }.map { $0 * $0 }
      return (squares.reduce(0, +) / Double(squares.count)).squareRoot()
    }.max() ?? .infinity
  }
}

extension Problem {
  /// The same at core level and of the first models' rule, with gates in fp32.
  fileprivate func with(_ gates: GateTable, seed: UInt64, from state: Tensor?) throws -> Problem {
    func rounded(_ values: GateTable.Numbers, _ shape: [Int]) -> Tensor {
      Tensor(shape: shape, values: values.map { Twin.steadilyRounded($0, seed: seed) })
    }
    var primals = primals
    primals.gates = .core(g: rounded(gates.g, shape.gate), beta: rounded(gates.beta, shape.token))
    primals.state = state
    return try Problem(shape: shape, primals: primals, cotangents: Outputs())
  }
}
