import GatedDeltaRule
import Machine

/// The way through a pipe by itself: a process that reads as many bytes as a problem has and answers as many as its results
/// have, and computes nothing.
public final class Echo {
  private let child: Child
  private var question: (bytes: Int, reply: Int, frame: [UInt8])?
  private static let patience = Duration.seconds(60)
  private static let key = "reply"

  /// - Parameter command: of a program that answers by `Echo.answer`.
  public init(command: String) throws { child = try Child(command: command) }

  /// Seconds from the first byte of a question to the last of the reply to it.
  ///
  /// - Parameters:
  ///   - bytes: of the question.
  ///   - reply: bytes of what is answered.
  public func seconds(sending bytes: Int, receiving reply: Int) throws -> Double {
    if let question, question.bytes == bytes, question.reply == reply {
      return try exchange(question.frame, reply)
    }
    let frame = Frame(
      entries: ["x": .numbers(Tensor(shape: [max(1, bytes / 4)]))], metadata: [Echo.key: String(reply)]
    ).encoded()
    question = (bytes, reply, frame)
    // The first one makes room for the others.
    _ = try exchange(frame, reply)
    return try exchange(frame, reply)
  }

  private func exchange(_ frame: [UInt8], _ reply: Int) throws -> Double {
    let start = ContinuousClock.now
    _ = try child.exchange(frame, limit: reply + 64, deadline: Echo.patience)
    return (.now - start) / .seconds(1)
  }

  /// The other side, until the input ends.
  public static func answer() throws {
    var ready: (bytes: Int, frame: [UInt8]) = (-1, [])
    try answerFrames { header, _ in
      let bytes = header.metadata[key].flatMap { Int($0) } ?? 0
      if bytes != ready.bytes {
        ready = (bytes, Frame(entries: ["y": .numbers(Tensor(shape: [max(1, bytes / 4)]))]).encoded())
      }
      return ready.frame
    }
  }
}
