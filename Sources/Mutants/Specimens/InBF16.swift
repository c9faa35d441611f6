import GatedDeltaRule

/// A kernel as its users run it in bf16: results stored so, the products of a chunked form declared so, no run in fp64
/// and no promise of bits. It computes in fp32, so that whoever judges it allows for roundings that it does not make.
public struct InBF16: Implementation {
  private let kernel: any Implementation

  /// In place of this one.
  public init(_ kernel: any Implementation) { self.kernel = kernel }

  /// That of the kernel.
  public var name: String { kernel.name }
  /// That of the kernel.
  public var summary: String { kernel.summary }
  /// That of the kernel.
  public func refusal(of problem: Problem) -> String? { kernel.refusal(of: problem) }

  /// Shares of dq and dk in bf16, and products where the form has any.
  public var declaration: Declaration {
    var declaration = kernel.declaration
    (declaration.headPrecision, declaration.offersDouble, declaration.promisesBits) = (.bf16, false, false)
    if case .chunked = declaration.form { declaration.products = .bf16 }
    return declaration
  }

  /// The kernel's, those of the format of the inputs rounded to bf16.
  public func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
    var answer = try kernel.evaluate(problem, request: request)
    for quantity in [Quantity.y, .dq, .dk, .dv, .dbeta] {
      answer.results[quantity] = answer[quantity]?.rounded(to: .bf16)
    }
    return answer
  }
}
