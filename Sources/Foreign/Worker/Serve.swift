import GatedDeltaRule

import Machine

/// The other side of the pipe: answers frames on standard input with what the implementation computes, until the
/// input ends. What is printed meanwhile goes to standard error.
///
/// - Throws: `MalformedFrame` or `InvalidCase` if what comes in is no request.
public func serve(_ implementation: some Implementation) throws {
  let replies = dup(STDOUT_FILENO)
  dup2(STDERR_FILENO, STDOUT_FILENO)
  defer { close(replies) }
  while let prefix = take(FrameHeader.prefixCount) {
    guard let json = take(try FrameHeader.length(of: prefix)) else { return }
    let header = try FrameHeader(json: json)
    guard let data = take(header.dataCount) else { return }
    let frame = try Frame(header: header, data: data[...])
    give(try reply(to: frame, by: implementation).encoded(), to: replies)
  }
}

private func reply(to frame: Frame, by implementation: some Implementation) throws -> Frame {
  let id = ["id": frame.metadata["id"] ?? ""]
  guard frame.metadata["request"] != "hello" else {
    let declaration = implementation.declaration
    let form = if case .chunked(let length) = declaration.form { "chunked:\(length)" } else { "sequential" }
    let clamp =
      switch declaration.clamp {
      case .none: "none"
      case .decay(let floor): "decay:\(floor)"
      case .logDecay(let floor): "log:\(floor)"
      }
    return Frame(
      metadata: id.merging(
        [
          "name": implementation.name, "form": form, "clamp": clamp,
          "roundings": "beta:\(declaration.betaPrecision.rawValue),g:\(declaration.decayPrecision.rawValue),"
            + "exp|b|:\(declaration.sigmoidPrecision.rawValue),"
            + "dq:\(declaration.headPrecision.rawValue),products:\(declaration.products.rawValue)",
          "contract": declaration.contract?.description ?? "any",
          "double": declaration.offersDouble ? "yes" : "no", "promises": promises(declaration),
        ].merging(declaration.arrangement?.metadata ?? [:], uniquingKeysWith: { plain, _ in plain }),
        uniquingKeysWith: { id, _ in id }))
  }
  let problem = try Problem(frame: frame)
  if let reason = implementation.refusal(of: problem) {
    return Frame(metadata: id.merging(["refusal": reason], uniquingKeysWith: { id, _ in id }))
  }
  let arithmetic: Request.Arithmetic = frame.metadata["arithmetic"] == "double" ? .double : .working
  let request = Request(
    arithmetic: arithmetic, gradients: frame.metadata["gradients"] != "no", recipe: frame.metadata["recipe"])
  do {
    let evaluation = try implementation.evaluate(problem, request: request)
    return Frame(
      evaluation, level: problem.level, precision: arithmetic == .double ? .fp64 : .fp32,
      contract: problem.contract, metadata: id)
  } catch let refusal as Refusal {
    return Frame(metadata: id.merging(["refusal": refusal.description], uniquingKeysWith: { id, _ in id }))
  } catch {
    return Frame(metadata: id.merging(["error": "\(error)"], uniquingKeysWith: { id, _ in id }))
  }
}

private func promises(_ declaration: Declaration) -> String {
  if declaration.promisesBits { return "all" }
  let names = declaration.promises.map(\.rawValue).sorted()
  return names.isEmpty ? "none" : names.joined(separator: ",")
}

/// So many bytes of standard input, or nil where it ends.
private func take(_ count: Int) -> [UInt8]? {
  var bytes = [UInt8](repeating: 0, count: count)
  var taken = 0
  while taken < count {
    let n = bytes.withUnsafeMutableBytes { read(STDIN_FILENO, $0.baseAddress! + taken, count - taken) }
    if n < 0 && errno == EINTR { continue }
    guard n > 0 else { return nil }
    taken += n
  }
  return bytes
}

private func give(_ bytes: [UInt8], to descriptor: Int32) {
  var given = 0
  while given < bytes.count {
    let n = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress! + given, $0.count - given) }
    if n < 0 && errno == EINTR { continue }
    guard n > 0 else { return }
    given += n
  }
}
