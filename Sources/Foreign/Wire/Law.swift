import GatedDeltaRule

/// By what an implementation is judged, set by the one who judges: what it declares itself is then ignored.
///
/// A list of the items of a hello, `chunked:64,products:bf16`: a form, a clamp (`decay:1e-12`, `forward:1e-6`, `log:-20`) and roundings;
/// without a form it is the declared one. Or the name of a profile: fp32 throughout (`plain`), or products in one format;
/// form and clamp are then the declared ones.
public struct Law: Hashable, Sendable, CustomStringConvertible {
  /// Profiles by their names.
  private static let profiles: [String: String] = [
    "plain": "", "bf16": "products:bf16", "fp16": "products:fp16", "tf32": "products:tf32",
    "input": "products:input",
  ]

  /// As it was given.
  public let description: String
  private let frame: Frame
  private let isProfile: Bool

  /// - Throws: `InvalidCase.metadata`, with what is no item of a law.
  public init(_ text: String) throws(InvalidCase) {
    description = text
    let profile = Law.profiles[text]
    isProfile = profile != nil
    var metadata: [String: String] = [:]
    var roundings: [String] = []
    for item in (profile ?? text).split(separator: ",", omittingEmptySubsequences: profile != nil) {
      let key = item.prefix { $0 != ":" }
      switch key {
      case "sequential", "chunked": try Law.set("form", to: item, in: &metadata, of: text)
      case "decay", "forward", "log": try Law.set("clamp", to: item, in: &metadata, of: text)
      case "beta", "exp|b|", "g", "qk", "dq", "dk", "products": roundings.append(String(item))
      default:
        throw .metadata(
          key: "as", value: text,
          expected: "one of \(Law.profiles.keys.sorted().joined(separator: ", ")), or a list like "
            + "chunked:64,products:bf16,beta:bf16,g:bf16,qk:bf16,dq:bf16,log:-20")
      }
    }
    if !roundings.isEmpty { metadata["roundings"] = roundings.joined(separator: ",") }
    frame = Frame(metadata: metadata)
    _ = try Declaration(frame: frame)
  }

  private static func set(
    _ key: String, to item: Substring, in metadata: inout [String: String], of text: String
  ) throws(InvalidCase) {
    guard metadata[key] == nil else {
      throw .metadata(key: "as", value: text, expected: "one \(key)")
    }
    metadata[key] = String(item)
  }

  /// An answer that no longer says of itself what the law says.
  func replacing(_ answer: Evaluation) -> Evaluation {
    var answer = answer
    if frame.metadata["form"] != nil { answer.form = nil }
    if !isProfile { answer.clamp = nil }
    return answer
  }

  /// A declaration of which form, clamp and roundings are replaced.
  func replacing(_ declared: Declaration, input: Precision) -> Declaration {
    // What was parsed once for fp32 parses for every format.
    guard let law = try? Declaration(frame: frame, input: input) else { preconditionFailure(description) }
    var declaration = declared
    if frame.metadata["form"] != nil { declaration.form = law.form }
    if !isProfile { declaration.clamp = law.clamp }
    (declaration.betaPrecision, declaration.decayPrecision) = (law.betaPrecision, law.decayPrecision)
    declaration.sigmoidPrecision = law.sigmoidPrecision
    declaration.queryKeyPrecision = law.queryKeyPrecision
    (declaration.headPrecision, declaration.products) = (law.headPrecision, law.products)
    // What it says of formats counts no more than its other roundings; the order of its operations is its own.
    declaration.arrangement?.solve = nil
    declaration.arrangement?.residual = nil
    declaration.arrangement?.products = nil
    if declared.floor > 0 {
      declaration.floor = 2 * max(Precision.fp32.unitRoundoff, law.products.unitRoundoff)
    }
    return declaration
  }
}
