/// One part of a recipe as it is written: a word and numbers, as in `cone:10`, or only a number, as in `0.999`.
struct Clause: Hashable {
  /// The word; empty where a bare number stands for a constant.
  var word: String
  /// What follows the word.
  var numbers: [Double]

  init(_ word: String, _ numbers: Double...) {
    (self.word, self.numbers) = (word, numbers)
  }

  private init(word: String, numbers: [Double]) {
    (self.word, self.numbers) = (word, numbers)
  }

  /// One of the numbers as a whole number, or nil.
  func integer(_ index: Int) -> Int? {
    let number = numbers[index]
    guard number.magnitude < 0x1p53, Double(Int(number)) == number else { return nil }
    return Int(number)
  }

  /// How it is written.
  var text: String {
    let decimals = numbers.map(Decimal.text)
    return ((word.isEmpty ? [] : [word]) + decimals).joined(separator: ":")
  }

  /// - Throws: `RecipeError` if something after the word is not a number.
  static func parse(_ text: Substring, of field: String) throws(RecipeError) -> Clause {
    var pieces = text.split(separator: ":", omittingEmptySubsequences: false)
    var word = ""
    if Decimal.number(pieces[0]) == nil { word = String(pieces.removeFirst()) }
    var numbers: [Double] = []
    for piece in pieces {
      guard let number = Decimal.number(piece) else {
        throw RecipeError("\(field)=\(text)", "'\(piece)' is not a number")
      }
      numbers.append(number)
    }
    return Clause(word: word, numbers: numbers)
  }
}

/// The ways in which one dimension of a recipe may be written.
struct Form {
  /// The word before the numbers; empty for a bare number.
  var word: String
  /// What the numbers mean, in their order.
  var parameters: [String]

  init(_ word: String, _ parameters: String...) {
    (self.word, self.parameters) = (word, parameters)
  }

  /// As it is shown to a person: `cone:DEGREES`.
  var text: String { ((word.isEmpty ? [] : [word]) + parameters).joined(separator: ":") }
}

/// A dimension of a recipe: named cases, each with what it needs to know.
protocol Dimension: Hashable, Sendable {
  /// The name before the equals sign.
  static var field: String { get }
  /// Every form, simplest first: this order is the order of complexity.
  static var forms: [Form] { get }
  /// The form written down.
  var clause: Clause { get }
  /// The case of a clause that fits one of `forms`, or nil where its numbers are out of range.
  init?(_ clause: Clause)
  /// The range that numbers must keep to, for an error message.
  static var limits: String { get }
}

extension Dimension {
  /// Where this case stands among the forms.
  var rank: Int {
    let word = clause.word
    return Self.forms.firstIndex { $0.word == word }!
  }

  /// - Throws: `RecipeError` for an unknown word, the wrong number of numbers, or a number out of range.
  static func parse(_ text: Substring) throws(RecipeError) -> Self {
    let clause = try Clause.parse(text, of: field)
    guard let form = forms.first(where: { $0.word == clause.word }) else {
      let known = forms.map(\.text).joined(separator: ", ")
      throw RecipeError("\(field)=\(text)", "not one of \(known)")
    }
    guard form.parameters.count == clause.numbers.count else {
      throw RecipeError("\(field)=\(text)", "expected \(form.text)")
    }
    guard let value = Self(clause) else {
      throw RecipeError("\(field)=\(text)", "out of range: \(limits)")
    }
    return value
  }

  /// Whether its numbers are in range.
  var isInRange: Bool { Self(clause) == self }
}

/// A dimension whose cases need no numbers.
extension Dimension where Self: RawRepresentable & CaseIterable, RawValue == String {
  static var forms: [Form] { allCases.map { Form($0.rawValue) } }
  static var limits: String { "" }
  var clause: Clause { Clause(rawValue) }
  init?(_ clause: Clause) { self.init(rawValue: clause.word) }
}

/// Why a text is not a recipe, or a recipe not a problem.
public struct RecipeError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The part that is wrong, as it was written.
  public let part: String
  /// What is wrong with it.
  public let reason: String

  init(_ part: String, _ reason: String) {
    (self.part, self.reason) = (part, reason)
  }

  /// One line for a person.
  public var description: String { "\(part): \(reason)" }
}
