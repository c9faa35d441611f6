import Foreign
import Foundation
import GatedDeltaRule
import Generator
import Implementations
import Oracle

/// What bytes from libFuzzer stand for: FUZZ_TARGET names one of these.
private enum Target: String, CaseIterable {
  /// The text of a recipe: parsing, and that what parses is written back as it was.
  case recipe
  /// A file of the corpus.
  case finding
  /// A safetensors frame, and the problem, the declaration or the step in it.
  case frame
  /// A record of a run. Where the seeds are of format 1, no checksum stops what was changed.
  case record
  /// A drawn recipe and steps away from it, judged for every implementation.
  case evaluation

  func run(_ bytes: [UInt8]) {
    switch self {
    case .recipe: parseRecipe(bytes)
    case .finding: _ = try? Finding(decoding: Data(bytes))
    case .frame: parseFrame(bytes)
    case .record: parseRecord(bytes)
    case .evaluation: evaluate(bytes)
    }
  }

  private func parseRecipe(_ bytes: [UInt8]) {
    guard let recipe = try? Recipe(String(decoding: bytes, as: UTF8.self)) else { return }
    let text = recipe.text
    guard let again = try? Recipe(text), again == recipe else { fatalError("\(text) does not parse back") }
  }

  private func parseFrame(_ bytes: [UInt8]) {
    guard let frame = try? Frame(decoding: bytes) else { return }
    _ = try? Problem(frame: frame)
    _ = try? Declaration(frame: frame)
    if let step = try? Step(frame: frame) { _ = try? StepAnswer(frame: frame, to: step) }
  }

  private func parseRecord(_ bytes: [UInt8]) {
    guard let record = try? Record(decoding: Data(bytes)) else { return }
    guard let data = try? record.encoded(), (try? Record(decoding: data))?.plan == record.plan else {
      fatalError("the record is not read back")
    }
  }

  /// Two bytes draw the case, every other is a step: what is new in the code that a step reaches is kept.
  private func evaluate(_ bytes: [UInt8]) {
    guard bytes.count >= 2 else { return }
    let index = UInt64(bytes[0]) << 8 | UInt64(bytes[1])
    var recipe = Recipe.draw(seed: 1, index: index, profile: .small)
    for (step, byte) in bytes.dropFirst(2).prefix(32).enumerated() {
      recipe = recipe.neighbour(seed: UInt64(step), index: UInt64(byte), in: .small)
    }
    guard let one = try? EvaluatedCase(recipe, by: Target.everybody) else {
      fatalError("\(recipe.text) makes no problem")
    }
    for result in one.results where result.failure != nil {
      fatalError("gdr replay \(recipe.text) --only \(result.implementation)")
    }
  }

  private static let everybody = Registry.all.filter { !$0.declaration.isControl }
}

private let target: Target = {
  let name = ProcessInfo.processInfo.environment["FUZZ_TARGET"] ?? ""
  guard let target = Target(rawValue: name) else {
    let known = Target.allCases.map(\.rawValue).joined(separator: ", ")
    FileHandle.standardError.write(Data("FUZZ_TARGET is '\(name)', not one of \(known)\n".utf8))
    exit(64)
  }
  return target
}()

/// One execution, as libFuzzer asks for it.
@_cdecl("LLVMFuzzerTestOneInput")
public func executeOnce(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  target.run(Array(UnsafeBufferPointer(start: start, count: count)))
  return 0
}
