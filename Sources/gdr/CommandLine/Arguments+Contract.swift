import Foreign
import GatedDeltaRule
import Generator

extension Arguments {
  /// That of `--contract`, if there is one.
  func contract() throws(UsageError) -> Contract? {
    guard let text = value("contract") else { return nil }
    do {
      return try Contract(text)
    } catch {
      throw .notAContract(error.description)
    }
  }

  /// That of `--as`, if there is one.
  func law() throws(UsageError) -> Law? {
    guard let text = value("as") else { return nil }
    do throws(InvalidCase) {
      return try Law(text)
    } catch {
      throw .notALaw("\(error)")
    }
  }

  /// Which rules a run asks for: that of `--contract`; that which the implementations declare; or, where each of them
  /// computes whichever is asked for, a drawn one now and then.
  func contracts(for implementations: [any Implementation]) throws(UsageError) -> Profile.Contracts {
    if let contract = try contract() { return .one(contract) }
    let declared = implementations.compactMap { implementation in
      implementation.declaration.contract.map { (implementation.name, $0) }
    }
    guard let first = declared.first else { return .drawn(share: Profile.usualContractShare) }
    if let other = declared.first(where: { $0.1 != first.1 }) {
      throw .contractsDiffer("\(first.0) computes \(first.1)", "\(other.0) computes \(other.1)")
    }
    return .one(first.1)
  }

  /// The recipe of an operand, asking for the rule of `--contract` if there is one.
  func recipe(_ text: String) throws -> Recipe {
    var recipe = try Recipe(text)
    if let contract = try contract() {
      recipe.contract = contract
      try recipe.validate()
    }
    return recipe
  }
}
