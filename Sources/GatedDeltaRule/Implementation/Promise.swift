/// A respect in which an implementation promises the same bits. Without a promise two answers may differ by the sum of
/// their error bounds; against a promise one bit is a finding.
public enum Promise: String, Hashable, Sendable, CaseIterable {
  /// The same request again.
  case repetition
  /// A batch row alone or among others, in any place, but for gradients that are sums over rows.
  case batch
  /// One call, or two with the state handed over, but for gradients that are sums over tokens. A chunked form owes this
  /// where its chunks begin.
  case split
  /// y up to a token, whatever comes after it; gradients up to a token after which nothing is read, whatever comes after
  /// it; gradients after a token, whatever the cotangents up to it.
  case prefix
}

extension Declaration {
  /// Everything that is declared, the same text in every process; what was not declared at one time is not in it, so
  /// that it stays the same.
  package var text: String {
    var plain = self
    (plain.withoutGradients, plain.promises, plain.arrangement) = ([], [], nil)
    (plain.sigmoidPrecision, plain.contract, plain.steps) = (.fp32, nil, [])
    plain.queryKeyPrecision = nil
    let sets = [withoutGradients.map(\.rawValue), promises.map(\.rawValue)]
      .map { $0.sorted().joined(separator: ",") }.filter { !$0.isEmpty }
    let text = "\(plain)".replacing(", promises: Set([])", with: "").replacing(", arrangement: nil", with: "")
      .replacing(", sigmoidPrecision: GatedDeltaRule.Precision.fp32", with: "")
      .replacing(", queryKeyPrecision: nil", with: "")
      .replacing(", contract: nil", with: "")
      .replacing(", steps: GatedDeltaRule.OfferedSteps(rawValue: 0)", with: "")
    let sigmoid = sigmoidPrecision == .fp32 ? [] : ["exp|b|:\(sigmoidPrecision.rawValue)"]
    let queryKey = queryKeyPrecision.map { ["qk:\($0.rawValue)"] } ?? []
    let rule = (contract ?? .plain) == .plain ? [] : ["contract \(contract ?? .plain)"]
    let calls = steps.isEmpty ? [] : ["calls \(steps.rawValue)"]
    let parts =
      [text] + sets + [arrangement.map { "\($0)" }].compactMap(\.self) + sigmoid + queryKey + rule + calls
    return parts.joined(separator: "; ")
  }
}
