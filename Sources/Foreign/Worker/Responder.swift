import GatedDeltaRule

/// What a worker answers, without the pipe: an implementation behind frames.
package final class Responder {
  private let implementation: any Implementation
  /// The pool of the session that is going on.
  private var kept: (session: String, pool: Tensor)?

  /// For this implementation.
  package init(_ implementation: any Implementation) { self.implementation = implementation }

  /// The reply to a hello, a problem or a step.
  ///
  /// - Throws: `InvalidCase` if what comes in is no request.
  package func reply(to frame: Frame) throws -> Frame {
    var reply =
      switch frame.metadata["request"] {
      case "hello": Frame(metadata: implementation.declaration.metadata(of: implementation.name))
      case "step": try answer(frame)
      default: try evaluate(frame)
      }
    reply.metadata["id"] = frame.metadata["id"] ?? ""
    return reply
  }

  private func evaluate(_ frame: Frame) throws -> Frame {
    let problem = try Problem(frame: frame)
    if let reason = implementation.refusal(of: problem) { return Frame(metadata: ["refusal": reason]) }
    let request = request(frame)
    return attempt {
      Frame(
        try implementation.evaluate(problem, request: request), level: problem.level,
        precision: request.arithmetic == .double ? .fp64 : .fp32, contract: problem.contract,
        metadata: implementation.declaration(for: problem).differing(from: implementation.declaration))
    }
  }

  private func answer(_ frame: Frame) throws -> Frame {
    let session = frame.metadata["session"]
    let step = try Step(frame: frame, kept: kept.flatMap { $0.session == session ? $0.pool : nil })
    kept = nil
    if let reason = step.tokens.flatMap(implementation.refusal(of:)) {
      return Frame(metadata: ["refusal": reason])
    }
    let request = request(frame)
    return attempt {
      let answer = try implementation.answer(step, request: request)
      kept = session.map { ($0, answer.pool) }
      return Frame(answer, to: step)
    }
  }

  private func request(_ frame: Frame) -> Request {
    Request(
      arithmetic: frame.metadata["arithmetic"] == "double" ? .double : .working,
      gradients: frame.metadata["gradients"] != "no", recipe: frame.metadata["recipe"])
  }

  /// An answer, a refusal, or the error that there was.
  private func attempt(_ answer: () throws -> Frame) -> Frame {
    do {
      return try answer()
    } catch let refusal as Refusal {
      return Frame(metadata: ["refusal": refusal.description])
    } catch {
      return Frame(metadata: ["error": "\(error)"])
    }
  }
}

extension Declaration {
  /// The metadata of a hello that says the same.
  fileprivate func metadata(of name: String) -> [String: String] {
    let plain = [
      "name": name, "form": form.word, "clamp": clamp.word,
      "roundings": "beta:\(betaPrecision.rawValue),g:\(decayPrecision.rawValue),"
        + "exp|b|:\(sigmoidPrecision.rawValue),"
        + (queryKeyPrecision.map { "qk:\($0.rawValue)," } ?? "")
        + "dq:\(headPrecision.rawValue),products:\(products.rawValue)",
      "contract": contract?.description ?? "any",
      "double": offersDouble ? "yes" : "no", "promises": promisesText,
    ]
    return plain.merging(arrangement?.metadata ?? [:]) { plain, _ in plain }.merging(steps.metadata) {
      plain, _ in plain
    }
  }

  private var promisesText: String {
    if promisesBits { return "all" }
    let names = promises.map(\.rawValue).sorted()
    return names.isEmpty ? "none" : names.joined(separator: ",")
  }
}

extension Declaration {
  /// What a reply to a problem says of form and floor, where they are not those of the hello.
  fileprivate func differing(from hello: Declaration) -> [String: String] {
    var metadata: [String: String] = [:]
    if form != hello.form { metadata["form"] = form.word }
    if clamp != hello.clamp { metadata["clamp"] = clamp.word }
    return metadata
  }
}

extension Declaration.Form {
  fileprivate var word: String {
    if case .chunked(let length) = self { "chunked:\(length)" } else { "sequential" }
  }
}

extension Declaration.Clamp {
  /// As a hello says it.
  package var word: String {
    switch self {
    case .none: "none"
    case .decay(let floor): "decay:\(floor)"
    case .forwardDecay(let floor): "forward:\(floor)"
    case .logDecay(let floor): "log:\(floor)"
    }
  }
}
