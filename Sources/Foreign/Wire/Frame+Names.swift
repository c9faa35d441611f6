import GatedDeltaRule

extension Frame {
  /// The latest version that `protocol` in the metadata says: that of a step of a session. What asks for the plain
  /// contract says 1, and what asks for another 2.
  public static let version = 3

  /// The largest state of a case from a file, in elements: ten times that of a large model.
  public static let stateLimit = 1 << 27

  /// The one input that holds no numbers; the others have the names of `Input`, and results those of `Quantity`.
  static let mask = "mask"

  /// - Throws: `InvalidCase.stray` if a tensor is neither an input nor a result: a misspelt `state_inn` must not
  ///   pass for an absent one.
  func checkNames() throws(InvalidCase) {
    let strays = entries.keys.filter {
      Input(rawValue: $0) == nil && Quantity(rawValue: $0) == nil && $0 != Frame.mask
    }
    guard strays.isEmpty else { throw .stray(names: strays.sorted()) }
  }

  /// The numbers of this name, or nil where it is absent.
  func numbers(_ name: String) throws(InvalidCase) -> Tensor? {
    switch entries[name] {
    case nil: return nil
    case .numbers(let tensor): return tensor
    case .flags: throw .elementType(name: name, found: .BOOL, expected: "F64, F32, BF16 or F16")
    }
  }

  /// The numbers of an input that must be there at this level.
  func numbers(_ input: Input, _ level: Level) throws(InvalidCase) -> Tensor {
    guard let tensor = try numbers(input.rawValue) else {
      throw .missing(name: input.rawValue, level: level)
    }
    return tensor
  }
}

extension Tensor {
  /// The same tensor as [Hv] or as [Hv, 1], whichever is expected: the two are used for A_log interchangeably.
  func column(_ expected: [Int]) -> Tensor {
    let isColumn = shape.count == 1 || (shape.count == 2 && shape[1] == 1)
    guard isColumn, shape.first == expected.first else { return self }
    return Tensor(shape: expected, precision: precision, values: values)
  }
}
