import GatedDeltaRule

// v1/B2-T33-Hk1-Hv2-Dk8-Dv8/model/channels/keys=cone:10/q=key/v=zero/decay=-20/A_log=heads/dt_bias=heads/
//    write=0.999/state=random/dy=last/dstate=random/mask=left:3/pad=nan/bf16/seed=7
//
// and, where another rule than that of the first models is asked for, /contract=qk=l2norm:1e-6,scale=rsqrt before bf16.
//
// and, where an engine is to get the tokens in several calls, /calls=prefill:5,decode:2/pool=6:nan.
//
// The version, the sizes, keys, decay, write, the precision and the seed are always written; whatever else is
// left out is its plainest. Parts may be read in any order, and are written in the one above.

extension Recipe: CustomStringConvertible {
  /// What the first part of a text must be. A change of what a recipe means makes a new one.
  public static let version = "v1"

  /// The one text of this recipe.
  public var text: String {
    var text = "\(Recipe.version)/\(sizesText)"
    if level == .model { text += "/model" }
    if decayKind == .perChannel { text += "/channels" }
    for dimension in Dimension.all {
      if let part = dimension.text(self) { text += "/" + part }
    }
    if contract != .plain { text += "/contract=\(contract)" }
    if let calls { text += "/calls=\(calls.text)" + (calls.pool.map { "/pool=\($0)" } ?? "") }
    return text + "/\(Recipe.word(of: precision))/seed=\(seed)"
  }

  /// The text.
  public var description: String { text }

  package var sizesText: String { "B\(B)-T\(T)-Hk\(Hk)-Hv\(Hv)-Dk\(Dk)-Dv\(Dv)" }

  /// The text with other separators: a file name on every system, and still one name for one recipe.
  public var fileStem: String {
    String(text.map { $0 == "/" ? "+" : $0 == ":" ? "~" : $0 })
  }

  package static func word(of precision: Precision) -> String {
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
    // A pool is that of the calls, wherever it stands.
    for part in parts.dropFirst(2).filter({ !$0.hasPrefix("pool=") })
      + parts.filter({ $0.hasPrefix("pool=") })
    {
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
    if field == "seed" {
      guard let number: UInt64 = Decimal.integer(text) else {
        throw RecipeError("\(part)", "'\(text)' is not a number from 0 to \(UInt64.max)")
      }
      seed = number
    } else if field == "contract" {
      do {
        contract = try Contract(text)
      } catch {
        throw RecipeError("\(part)", error.description)
      }
    } else if field == "calls" {
      try readCalls(text, part)
    } else if field == "pool" {
      guard calls != nil else { throw RecipeError("\(part)", "a pool is that of calls=") }
      guard let pool = Calls.Pool(text) else {
        throw RecipeError("\(part)", "expected SLOTS, SLOTS:nan or SLOTS:inf with SLOTS from 1 to 65536")
      }
      calls!.pool = pool
    } else {
      guard let known = Dimension.all.first(where: { $0.name == field }) else {
        throw RecipeError("\(part)", "unknown field '\(field)'")
      }
      known.put(&self, try known.parse(text))
    }
    return field
  }

  private mutating func readCalls(_ text: Substring, _ part: Substring) throws(RecipeError) {
    // One call is what every case is.
    guard text != "one" else { return }
    do {
      calls = try Calls(text)
    } catch {
      throw RecipeError("\(part)", error.description)
    }
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

extension Dimension {
  /// What a recipe has there as it is written; nil where that is plain and may be left out.
  func text(_ recipe: Recipe) -> String? {
    let place = place(recipe)
    return place == plain && !isAlwaysWritten ? nil : text(place)
  }

  func text(_ place: Place) -> String {
    var text = name + "=" + dangers[place.rank].word
    for (index, number) in place.numbers.enumerated() {
      if index > 0 || !dangers[place.rank].word.isEmpty { text += ":" }
      text += Decimal.text(number)
    }
    return text
  }

  /// Reads what stands after the equals sign: a word and numbers, as in `cone:10`, or only a number.
  ///
  /// - Throws: `RecipeError` for an unknown word, the wrong number of numbers, or a number out of range.
  func parse(_ text: Substring) throws(RecipeError) -> Place {
    func fail(_ reason: String) -> RecipeError { RecipeError("\(name)=\(text)", reason) }
    var pieces = text.split(separator: ":", omittingEmptySubsequences: false)
    let word = Decimal.number(pieces[0]) == nil ? String(pieces.removeFirst()) : ""
    var numbers: [Double] = []
    for piece in pieces {
      guard let number = Decimal.number(piece) else { throw fail("'\(piece)' is not a number") }
      numbers.append(number)
    }
    guard let danger = dangers.first(where: { $0.word == word }) else {
      throw fail("not one of \(dangers.map(\.form).joined(separator: ", "))")
    }
    guard danger.parameters.count == numbers.count else { throw fail("expected \(danger.form)") }
    guard let place = place(word, numbers) else { throw fail("out of range: \(danger.limits)") }
    return place
  }
}
