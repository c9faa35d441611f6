import GatedDeltaRule

extension Arrangement {
  /// The keys of a hello that say something of it.
  fileprivate enum Key: String, CaseIterable {
    case wy, residual, exponents, system, inverse, solve, dg, operands
  }

  /// What the metadata of a worker's first reply says of how its chunks are put together; nil where it says nothing.
  init?(frame: Frame, input: Precision) throws(InvalidCase) {
    guard Key.allCases.contains(where: { frame.metadata[$0.rawValue] != nil }) else { return nil }
    self.init()
    wy = try frame.choice(.wy)
    residual = try frame.choice(.residual)
    exponents = try frame.choice(.exponents)
    system = try frame.choice(.system)
    inverse = try frame.choice(.inverse)
    dg = try frame.choice(.dg)
    solve =
      frame.metadata[Key.solve.rawValue] == "input"
      ? ProductFormat(input) : try frame.choice(.solve, or: "input")
    products = try frame.products()
  }

  /// The metadata of a hello that says the same.
  var metadata: [String: String] {
    var metadata: [String: String] = [:]
    metadata[Key.wy.rawValue] = wy?.rawValue
    metadata[Key.residual.rawValue] = residual?.rawValue
    metadata[Key.exponents.rawValue] = exponents?.rawValue
    metadata[Key.system.rawValue] = system?.rawValue
    metadata[Key.inverse.rawValue] = inverse?.rawValue
    metadata[Key.solve.rawValue] = solve?.rawValue
    metadata[Key.dg.rawValue] = dg?.rawValue
    metadata[Key.operands.rawValue] = products.map { products in
      let names = Products.names.filter { products.contains($0.products) }.map(\.name)
      return names.isEmpty ? "none" : names.joined(separator: ",")
    }
    return metadata
  }
}

extension Frame {
  /// One of the words that a key may have, or nil where it is absent.
  fileprivate func choice<Value: RawRepresentable & CaseIterable>(
    _ key: Arrangement.Key, or also: String? = nil
  ) throws(InvalidCase) -> Value? where Value.RawValue == String {
    guard let text = metadata[key.rawValue] else { return nil }
    if let value = Value(rawValue: text) { return value }
    let words = Value.allCases.map(\.rawValue) + [also].compactMap(\.self)
    throw .metadata(
      key: key.rawValue, value: text,
      expected: words.dropLast().joined(separator: ", ") + " or " + words[words.count - 1])
  }

  /// `all`, `none`, or a list like `gram,wy`.
  fileprivate func products() throws(InvalidCase) -> Arrangement.Products? {
    switch metadata[Arrangement.Key.operands.rawValue] {
    case nil: return nil
    case "all": return .all
    case "none": return []
    case let text?:
      var products: Arrangement.Products = []
      for name in text.split(separator: ",", omittingEmptySubsequences: false) {
        guard let known = Arrangement.Products.names.first(where: { $0.name == name }) else {
          throw .metadata(
            key: Arrangement.Key.operands.rawValue, value: text,
            expected: "all, none or a list of gram, wy, output and state")
        }
        products.insert(known.products)
      }
      return products
    }
  }
}
