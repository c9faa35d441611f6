import GatedDeltaRule

extension Frame {
  /// The version of a frame that asks for this rule: whoever knows version 1 alone knows the plain one alone.
  static func version(for contract: Contract) -> Int { contract == .plain ? 1 : 2 }

  /// The rule that the metadata names; the plain one where it names none.
  ///
  /// - Throws: `InvalidCase.metadata` if it is no contract.
  func contract() throws(InvalidCase) -> Contract {
    guard let text = metadata["contract"] else { return .plain }
    do {
      return try Contract(text)
    } catch {
      throw .metadata(key: "contract", value: text, expected: "\(error.expected) in \(error.part)")
    }
  }

  /// The rule that a worker computes: `any` stands for whichever is asked for.
  ///
  /// - Throws: `InvalidCase.metadata` if it is no contract.
  func declaredContract() throws(InvalidCase) -> Contract? {
    metadata["contract"] == "any" ? nil : try contract()
  }

  /// Says which rule is asked for, and in which version of the protocol that can be said.
  mutating func put(_ contract: Contract) {
    metadata["protocol"] = String(Frame.version(for: contract))
    metadata["contract"] = contract == .plain ? nil : contract.description
  }

  /// Names of what lies as a state does.
  private static let states: Set<String> = [
    Input.stateIn.rawValue, Input.dstateOut.rawValue, Quantity.stateOut.rawValue, Quantity.dstateIn.rawValue,
    Frame.pool, Frame.history,
  ]

  /// The same with states as a problem has them, [B, Hv, Dv, Dk], from how the contract has them, or back.
  func turningStates(_ contract: Contract) -> Frame {
    guard contract.layout == .keyValue else { return self }
    var turned = self
    for name in Frame.states {
      guard case .numbers(let tensor) = entries[name], tensor.shape.count == 4 else { continue }
      turned.entries[name] = .numbers(tensor.withLastAxesSwapped)
    }
    return turned
  }
}

extension Tensor {
  /// [.., n, m] as [.., m, n].
  var withLastAxesSwapped: Tensor {
    let (rows, columns) = (shape[shape.count - 2], shape[shape.count - 1])
    var swapped = Tensor(shape: shape.dropLast(2) + [columns, rows], precision: precision)
    let size = rows * columns
    for i in values.indices {
      let (block, inside) = (i / size, i % size)
      swapped.values[block * size + inside % columns * rows + inside / columns] = values[i]
    }
    return swapped
  }
}
