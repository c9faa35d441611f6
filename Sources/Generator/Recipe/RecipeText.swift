import GatedDeltaRule

// v1/B2-T33-Hk1-Hv2-Dk8-Dv8/model/channels/keys=cone:10/q=key/v=zero/decay=-20/A_log=heads/dt_bias=heads/
//    write=0.999/state=random/dy=last/dstate=random/mask=left:3/pad=nan/bf16/seed=7
//
// The version, the sizes, keys, decay, write, the precision and the seed are always written; whatever else is
// left out is its plainest. Parts may be read in any order, and are written in the one above.

extension Recipe: CustomStringConvertible {
  /// What the first part of a text must be. A change of what a recipe means makes a new one.
  public static let version = "v1"

  /// The one text of this recipe.
  public var text: String {
    var parts = [Recipe.version, sizesText]
    func add<D: Dimension>(_ dimension: D, unless plain: D? = nil) {
      if dimension != plain { parts.append("\(D.field)=\(dimension.clause.text)") }
    }
    if level == .model { parts.append("model") }
    if decayKind == .perChannel { parts.append("channels") }
    add(keys)
    add(queries, unless: .random)
    add(values, unless: .random)
    add(decay)
    add(A_log, unless: .constant(0))
    add(dt_bias, unless: .constant(0))
    add(write)
    add(state, unless: InitialState.none)
    add(dy, unless: .random)
    add(dstate, unless: StateCotangent.none)
    add(mask, unless: Masking.none)
    add(pad, unless: .zeros)
    parts.append(Recipe.word(of: precision))
    parts.append("seed=\(seed)")
    return parts.joined(separator: "/")
  }

  /// The text.
  public var description: String { text }

  var sizesText: String { sizes.map { "\($0.letter)\($0.size)" }.joined(separator: "-") }

  /// The text with other separators: a file name on every system, and still one name for one recipe.
  public var fileStem: String {
    String(text.map { $0 == "/" ? "+" : $0 == ":" ? "~" : $0 })
  }

  static func word(of precision: Precision) -> String {
    switch precision {
    case .fp64: "f64"
    case .fp32: "f32"
    case .bf16: "bf16"
    case .fp16: "f16"
    }
  }
}

extension Recipe {
  /// Reads the text of a recipe.
  ///
  /// - Throws: `RecipeError` that names the part: another version, an unknown field, a bad number, sizes past a
  ///   limit, parts that contradict each other.
  public init(_ text: String) throws(RecipeError) {
    guard text.utf8.count <= Limit.characters else {
      throw RecipeError("\(text.prefix(20))...", "longer than \(Limit.characters) characters")
    }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    try Recipe.checkVersion(parts[0])
    self.init(T: 0)
    try readSizes(parts.count > 1 ? parts[1] : "")
    var seen: Set<Substring> = []
    for part in parts.dropFirst(2) {
      let field = try read(part)
      guard seen.insert(field).inserted else { throw RecipeError("\(part)", "\(field) is given twice") }
    }
    try validate()
    guard self.text.utf8.count <= Limit.characters else {
      throw RecipeError("\(self.text.prefix(20))...", "longer than \(Limit.characters) characters")
    }
  }

  /// Reads a `fileStem`.
  ///
  /// - Throws: `RecipeError`, as for the text.
  public init(fileStem: String) throws(RecipeError) {
    try self.init(String(fileStem.map { $0 == "+" ? "/" : $0 == "~" ? ":" : $0 }))
  }

  private static func checkVersion(_ part: Substring) throws(RecipeError) {
    guard part != version else { return }
    guard part.first == "v", Decimal.integer(part.dropFirst()) as Int? != nil else {
      throw RecipeError("\(part)", "a recipe begins with \(version)/")
    }
    throw RecipeError("\(part)", "this gdr reads \(version)")
  }

  private mutating func readSizes(_ text: Substring) throws(RecipeError) {
    let expected = "the sizes are written as B1-T4-Hk1-Hv1-Dk8-Dv8"
    let pieces = text.split(separator: "-", omittingEmptySubsequences: false)
    let letters = sizes.map(\.letter)
    guard pieces.count == letters.count else { throw RecipeError("\(text)", expected) }
    var read: [Int] = []
    for (piece, letter) in zip(pieces, letters) {
      guard piece.hasPrefix(letter) else { throw RecipeError("\(piece)", expected) }
      guard let size: Int = Decimal.integer(piece.dropFirst(letter.count)) else {
        throw RecipeError("\(piece)", "'\(piece.dropFirst(letter.count))' is not a size")
      }
      read.append(size)
    }
    (B, T, Hk, Hv, Dk, Dv) = (read[0], read[1], read[2], read[3], read[4], read[5])
  }

  /// Reads one part and returns the field that it sets.
  private mutating func read(_ part: Substring) throws(RecipeError) -> Substring {
    guard let equals = part.firstIndex(of: "=") else { return try readWord(part) }
    let (field, text) = (part[..<equals], part[part.index(after: equals)...])
    switch field {
    case "keys": keys = try .parse(text)
    case "q": queries = try .parse(text)
    case "v": values = try .parse(text)
    case "decay": decay = try .parse(text)
    case "A_log": A_log = try .parse(text)
    case "dt_bias": dt_bias = try .parse(text)
    case "write": write = try .parse(text)
    case "state": state = try .parse(text)
    case "dy": dy = try .parse(text)
    case "dstate": dstate = try .parse(text)
    case "mask": mask = try .parse(text)
    case "pad": pad = try .parse(text)
    case "seed":
      guard let number: UInt64 = Decimal.integer(text) else {
        throw RecipeError("\(part)", "'\(text)' is not a number from 0 to \(UInt64.max)")
      }
      seed = number
    default: throw RecipeError("\(part)", "unknown field '\(field)'")
    }
    return field
  }

  private mutating func readWord(_ word: Substring) throws(RecipeError) -> Substring {
    switch word {
    case "core", "model":
      level = word == "core" ? .core : .model
      return "level"
    case "channels": decayKind = .perChannel
    case "f32", "bf16", "f16":
      precision = word == "f32" ? .fp32 : word == "bf16" ? .bf16 : .fp16
      return "precision"
    default:
      throw RecipeError("\(word)", "unknown part: neither FIELD=VALUE nor model, channels, f32, bf16, f16")
    }
    return word
  }
}
