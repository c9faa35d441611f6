import GatedDeltaRule

/// Earlier answers by what they are known again by, so that one that is given to another problem is noticed.
///
/// Outputs belong to the inputs without the cotangents, and gradients to all of them. What has one value only is left
/// aside: zeros are the right answer to many problems.
struct AnswerLog {
  /// Answers that are remembered.
  private static let capacity = 4096

  /// An answer that was given before.
  struct Again {
    /// The results that are the same.
    let results: Set<Quantity>
    /// How many answers ago.
    let turns: Int
  }

  private struct Entry {
    let inputs: Int
    let turn: Int
  }

  private var entries: [Int: Entry] = [:]

  /// Adds an answer.
  ///
  /// - Parameter turn: which it is, counted from the first.
  /// - Returns: which results are those of a problem with other inputs, and how many answers ago these were given; nil where
  ///   all are new.
  mutating func add(_ answer: Evaluation, to problem: Problem, turn: Int) -> Again? {
    if entries.count > AnswerLog.capacity { entries.removeAll() }
    let outputs = note([.y], of: answer, inputs: problem.primalsDigest, turn)
    let gradients = note([.dq, .dk, .dv], of: answer, inputs: problem.hashValue, turn)
    guard let turns = outputs ?? gradients else { return nil }
    return Again(
      results: Set((outputs == nil ? [] : [.y]) + (gradients == nil ? [] : [.dq, .dk, .dv])), turns: turns)
  }

  private mutating func note(_ quantities: [Quantity], of answer: Evaluation, inputs: Int, _ turn: Int)
    -> Int?
  {
    let tensors = quantities.compactMap { answer[$0] }
    guard tensors.count == quantities.count, tensors.allSatisfy(\.hasSeveralValues) else { return nil }
    let key = [quantities.hashValue, tensors.hashValue].hashValue
    if let known = entries[key] { return known.inputs == inputs ? nil : turn - known.turn }
    entries[key] = Entry(inputs: inputs, turn: turn)
    return nil
  }
}

extension Problem {
  /// Of what the outputs depend on.
  fileprivate var primalsDigest: Int {
    var hasher = Hasher()
    hasher.combine(primals)
    hasher.combine(mask)
    hasher.combine(contract)
    return hasher.finalize()
  }
}

extension Tensor {
  /// Whether any two elements differ.
  var hasSeveralValues: Bool {
    guard let first = values.first else { return false }
    return values.contains { !($0 == first) }
  }

  /// Whether it is off by nearly one factor everywhere: |e - <e,o> o / |o|^2| is a small part of |e|.
  func isGain(of expected: Tensor) -> Bool {
    var (error, size, product) = (0.0, 0.0, 0.0)
    for (x, o) in zip(values, expected.values) where x.isFinite {
      error += (x - o) * (x - o)
      size += o * o
      product += (x - o) * o
    }
    return product * product >= 0.99 * error * size
  }
}
