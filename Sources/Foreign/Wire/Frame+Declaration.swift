import GatedDeltaRule

extension Declaration {
  /// What the metadata of a file or of a worker's first reply says; what is absent is the plainest.
  ///
  /// - Parameter input: the format of the inputs, which a rounding to `input` means.
  package init(frame: Frame, input: Precision = .fp32) throws(InvalidCase) {
    let roundings = try frame.roundings(input: input)
    self.init(
      form: try frame.form(), clamp: try frame.clamp(), betaPrecision: roundings["beta"] ?? .fp32,
      decayPrecision: roundings["g"] ?? .fp32, headPrecision: roundings["dq"] ?? roundings["dk"] ?? .fp32,
      offersDouble: try frame.flag("double"))
    sigmoidPrecision = roundings["exp|b|"] ?? .fp32
    queryKeyPrecision = roundings["qk"]
    products = try frame.products(input: input)
    arrangement = try Arrangement(frame: frame, input: input)
    withoutGradients = try frame.withoutGradients()
    promises = try frame.promises()
    contract = try frame.declaredContract()
    steps = try frame.offeredSteps()
  }
}

extension Evaluation {
  /// Takes over the form and the floor that a reply says of its own answer; what is absent is as declared.
  mutating func take(declaredIn reply: Frame) throws(InvalidCase) {
    if reply.metadata["form"] != nil { form = try reply.form() }
    if reply.metadata["clamp"] != nil { clamp = try reply.clamp() }
  }
}

extension Frame {
  /// How many processes of a worker may compute at once; nil where it does not say.
  func processes() throws(InvalidCase) -> Int? {
    guard let text = metadata["processes"] else { return nil }
    guard let count = Int(text), count > 0 else {
      throw .metadata(key: "processes", value: text, expected: "a whole number from 1 on")
    }
    return count
  }
}

extension Frame {
  /// `yes` or `no`; absent is no.
  fileprivate func flag(_ key: String) throws(InvalidCase) -> Bool {
    switch metadata[key] {
    case nil, "no": return false
    case "yes": return true
    case let text?: throw .metadata(key: key, value: text, expected: "yes or no")
    }
  }

  /// `products:tf32` among the roundings: TF32 where the inputs are fp32.
  fileprivate func products(input: Precision) throws(InvalidCase) -> ProductFormat {
    let ofInputs = ProductFormat(input)
    if isTF32Declared { return ofInputs == .fp32 ? .tf32 : ofInputs }
    return ProductFormat(try roundings(input: input)["products"] ?? .fp32)
  }

  private var isTF32Declared: Bool {
    (metadata["roundings"] ?? "").split(separator: ",").contains("products:tf32")
  }

  /// `all`, `none`, or the names of those that there are, `dq,dk,dv`.
  fileprivate func withoutGradients() throws(InvalidCase) -> Set<Quantity> {
    let all = Quantity.allCases.filter(\.isGradient)
    switch metadata["gradients"] {
    case nil, "all", "yes": return []
    case "none", "no": return Set(all)
    case let text?:
      let names = text.split(separator: ",", omittingEmptySubsequences: false).map {
        Quantity(rawValue: String($0))
      }
      guard names.allSatisfy({ $0?.isGradient == true }) else {
        throw .metadata(key: "gradients", value: text, expected: "all, none or a list like dq,dk,dv")
      }
      return Set(all).subtracting(names.compactMap(\.self))
    }
  }

  /// `none`, `all`, or a list like `repetition,split`.
  fileprivate func promises() throws(InvalidCase) -> Set<Promise> {
    switch metadata["promises"] {
    case nil, "none": return []
    case "all": return Set(Promise.allCases)
    case let text?:
      let names = text.split(separator: ",", omittingEmptySubsequences: false).map {
        Promise(rawValue: String($0))
      }
      guard names.allSatisfy({ $0 != nil }) else {
        throw .metadata(
          key: "promises", value: text, expected: "none, all or a list of repetition, batch, split and prefix"
        )
      }
      return Set(names.compactMap(\.self))
    }
  }

  /// The most tokens of a chunk: more than any sequence here has, and few enough to be reckoned with.
  private static let chunkLimit = 1 << 20

  /// `sequential` or `chunked:64`.
  fileprivate func form() throws(InvalidCase) -> Declaration.Form {
    guard let text = metadata["form"], text != "sequential" else { return .sequential }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0] == "chunked", let length = Int(parts[1]),
      (1...Frame.chunkLimit).contains(length)
    else {
      throw .metadata(
        key: "form", value: text,
        expected: "sequential or chunked:LENGTH with LENGTH from 1 to \(Frame.chunkLimit)")
    }
    return .chunked(length: length)
  }

  /// `none`, `decay:1e-12`, `forward:1e-6` or `log:-20`.
  fileprivate func clamp() throws(InvalidCase) -> Declaration.Clamp {
    guard let text = metadata["clamp"], text != "none" else { return .none }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    if parts.count == 2, let floor = Double(parts[1]), floor.isFinite {
      // A floor above 1 would be no floor but what every decay is.
      if parts[0] == "decay", (0...1).contains(floor) { return .decay(floor: floor) }
      if parts[0] == "forward", (0...1).contains(floor) { return .forwardDecay(floor: floor) }
      if parts[0] == "log", floor <= 0 { return .logDecay(floor: floor) }
    }
    throw .metadata(
      key: "clamp", value: text,
      expected:
        "none, decay:FLOOR with FLOOR from 0 to 1, forward:FLOOR likewise, or log:FLOOR with FLOOR at most 0")
  }

  /// What a rounding may be of: how a result is stored its type says, and to say it again does no harm, nor does what a
  /// file says of the inside of a gate.
  private static func isRounded(_ name: Substring) -> Bool {
    let known: Set<Substring> = [
      "beta", "g", "exp|b|", "qk", "products", "state", "a+dt_bias", "exp(-|z|)", "log1p", "softplus",
    ]
    return known.contains(name) || Quantity(rawValue: String(name)) != nil
  }

  /// `beta:bf16,y:input`.
  func roundings(input: Precision = .fp32) throws(InvalidCase) -> [String: Precision] {
    var roundings: [String: Precision] = [:]
    let text = metadata["roundings"] ?? ""
    for item in text.split(separator: ",") where item != "products:tf32" {
      let parts = item.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2, Frame.isRounded(parts[0]), roundings[String(parts[0])] == nil,
        let precision = parts[1] == "input" ? input : Precision(rawValue: String(parts[1])),
        // fp32 says that nothing is rounded beyond the arithmetic's own; to more than that nothing can be.
        parts[1] != Precision.fp64.rawValue
      else {
        throw .metadata(
          key: "roundings", value: text,
          expected:
            "a list like beta:bf16,products:bf16, of beta, g, exp|b|, qk, dq, dk, products and results, each once, in bf16, fp16, fp32 or input"
        )
      }
      roundings[String(parts[0])] = precision
    }
    return roundings
  }
}
