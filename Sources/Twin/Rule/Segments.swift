import GatedDeltaRule

/// The tokens of one head in pieces: chunks, and groups of them that are differentiated at a time.
struct Segments {
  /// Tokens that are worked on together. A chunk begins where the form says, and where a decay has no logarithm: that
  /// factor is applied to the state before it.
  let pieces: [Range<Int>]
  /// Pieces whose intermediates are held at a time.
  let groups: [Range<Int>]

  /// Elements of intermediates that are held at a time, about.
  private static let held = 1 << 19

  init(_ shape: Shape, _ form: TwinForm, isCut: (_ t: Int) -> Bool) {
    var pieces: [Range<Int>] = []
    var length = 16
    var isChunked = false
    if case .chunked(let chunk) = form.form { (length, isChunked) = (chunk, true) }
    var first = 0
    for t in 0..<shape.T {
      if t > first, t % length == 0 || (isChunked && isCut(t)) {
        pieces.append(first..<t)
        first = t
      }
    }
    if shape.T > 0 { pieces.append(first..<shape.T) }
    self.pieces = pieces
    let (K, V) = (shape.Dk, shape.Dv)
    func elements(_ n: Int) -> Int {
      isChunked ? 10 * n * n + 16 * n * (K + V) + 6 * K * V : n * (4 * K * V + 6 * V)
    }
    var groups: [Range<Int>] = []
    var (start, sum) = (0, 0)
    for (index, piece) in pieces.enumerated() {
      let more = elements(piece.count)
      if index > start, sum + more > Segments.held {
        groups.append(start..<index)
        (start, sum) = (index, 0)
      }
      sum += more
    }
    if !pieces.isEmpty { groups.append(start..<pieces.count) }
    self.groups = groups
  }
}
