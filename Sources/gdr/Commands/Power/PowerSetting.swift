import GatedDeltaRule
import Oracle

/// One form in one format whose faults are looked for.
package struct PowerSetting: Sendable {
  /// The format of q, k, v, beta, a and b, and of the results that are stored so.
  package let inputs: Precision
  /// `chunked`, or the name of an implementation.
  package let form: String
  /// What is declared.
  let declaration: @Sendable (Problem) -> Declaration

  init(_ inputs: Precision, _ form: String, _ declaration: @escaping @Sendable (Problem) -> Declaration) {
    (self.inputs, self.form, self.declaration) = (inputs, form, declaration)
  }

  /// Token after token, with fp32 inside.
  static func sequential(_ inputs: Precision) -> PowerSetting {
    PowerSetting(inputs, "sequential") { _ in Declaration(offersDouble: false) }
  }

  /// Chunks of 64, their products' operands in the format of the inputs, all of it declared.
  static func chunked(_ inputs: Precision) -> PowerSetting {
    PowerSetting(inputs, "chunked") { _ in
      var declaration = Declaration(form: .chunked(length: 64), offersDouble: false)
      var said = Arrangement()
      (said.wy, said.exponents, said.system, said.inverse) = (.split, .gram, .inverse, .rows)
      said.dg = .crossings
      (said.products, said.solve) = (.all, .fp32)
      switch inputs {
      case .bf16: (declaration.products, said.solve) = (.bf16, .bf16)
      case .fp16: (declaration.products, said.solve) = (.fp16, .tf32)
      case .fp32, .fp64: break
      }
      declaration.arrangement = said
      return declaration
    }
  }

  /// What an implementation declares.
  static func declared(by implementation: any Implementation, _ inputs: Precision) -> PowerSetting {
    PowerSetting(inputs, implementation.name) { problem in
      var declaration = implementation.declaration(for: problem)
      declaration.offersDouble = false
      return declaration
    }
  }
}
