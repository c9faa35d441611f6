/// One head after the other, over the chunks of a call, with the matrices of one chunk filled again for each.
struct TiledSweep<R: Real> {
  let tile: Tiled.Tile
  let problem: CoreProblem<R>
  private let results: CoreResults<R>
  /// Rows of a chunk, and vectors in a row of tokens.
  let size: Int, width: Int
  let keyLanes: Int, valueLanes: Int
  /// Dk padded.
  let keyRows: Int
  let solver: TriangularSolver<R>

  /// The state, transposed.
  let M: MutableRow<R>  // [keyRows, valueLanes]
  let KU: MutableRow<R>  // [keyRows, valueLanes]
  let K: MutableRow<R>, Q: MutableRow<R>, W: MutableRow<R>, betaK: MutableRow<R>  // [C, keyLanes]
  let transposedK: MutableRow<R>  // [keyRows, C]
  let V: MutableRow<R>, U: MutableRow<R>, Y: MutableRow<R>, WM: MutableRow<R>  // [C, valueLanes]
  let A: MutableRow<R>, P: MutableRow<R>, Gamma: MutableRow<R>  // [C, C]
  let square: MutableRow<R>, before: MutableRow<R>  // [C, C], of a step of doubling
  /// (I - A)^-1.
  let N: MutableRow<R>  // [C, C]
  let beta: UnsafeMutablePointer<R>, sums: UnsafeMutablePointer<R>  // [C], beta and G
  let fromStart: UnsafeMutablePointer<R>, toEnd: UnsafeMutablePointer<R>  // [C]

  init(_ tile: Tiled.Tile, _ problem: CoreProblem<R>, _ results: CoreResults<R>, _ arena: Arena) {
    (self.tile, self.problem, self.results) = (tile, problem, results)
    size = tile.rawValue
    width = size / 8
    (keyLanes, valueLanes, keyRows) = (problem.keyLanes, problem.valueLanes, problem.keyLanes * 8)
    solver = TriangularSolver(
      Solve(.fixedPoint, subBlock: size), size: size, columns: max(keyLanes, valueLanes), arena: arena)
    let (keys, values, square) = (size * keyLanes, size * valueLanes, size * width)
    func matrix(_ count: Int) -> MutableRow<R> { arena.allocate(count, filledWith: .zero) }
    (M, KU) = (matrix(keyRows * valueLanes), matrix(keyRows * valueLanes))
    (K, Q, W, betaK) = (matrix(keys), matrix(keys), matrix(keys), matrix(keys))
    transposedK = matrix(keyRows * width)
    (V, U, Y, WM) = (matrix(values), matrix(values), matrix(values), matrix(values))
    A = matrix(square + TriangularSolver<R>.overhang * width)
    (P, Gamma, self.square, before) = (matrix(square), matrix(square), matrix(square), matrix(square))
    N = matrix(square)
    (beta, sums) = (arena.allocate(size), arena.allocate(size))
    (fromStart, toEnd) = (arena.allocate(size), arena.allocate(size))
  }

  /// The chunks of a head, from the state that was loaded.
  func run(_ head: Head) {
    for first in stride(from: 0, to: problem.shape.T, by: size) {
      let count = min(size, problem.shape.T - first)
      load(head, first, count)
      formDecay(head, first, count)
      formInverse()
      formUpdates()
      formOutputs()
      advance()
      store(head, first, count)
    }
    finish(head)
  }

  // MARK: tokens

  /// K, Q, V and beta, with zeros behind the last token.
  private func load(_ head: Head, _ first: Int, _ count: Int) {
    let keyHead = problem.keyHead(head.h)
    for i in 0..<size {
      let isToken = i < count
      let (key, value) = (
        isToken ? problem.keyRow(head.b, first + i, keyHead) * keyLanes : 0,
        isToken ? problem.valueRow(head.b, first + i, head.h) : 0
      )
      for j in 0..<keyLanes {
        K[i * keyLanes + j] = isToken ? problem.k[key + j] : .zero
        Q[i * keyLanes + j] = isToken ? problem.q[key + j] : .zero
      }
      for j in 0..<valueLanes {
        V[i * valueLanes + j] = isToken ? problem.v[value * valueLanes + j] : .zero
      }
      beta[i] = isToken ? problem.beta[value] : 0
    }
    transpose(Row(K), rows: size, columns: keyRows, to: transposedK)
  }

  /// The outputs of live tokens; masked ones stay zero.
  private func store(_ head: Head, _ first: Int, _ count: Int) {
    for i in 0..<count where problem.live[head.b * problem.shape.T + first + i] {
      let row = problem.valueRow(head.b, first + i, head.h)
      (results.y + row * valueLanes).update(from: Y + i * valueLanes, count: valueLanes)
    }
  }

  // MARK: states

  /// M = S^T.
  func loadState(_ head: Head) {
    let from: UnsafePointer<R> = (problem.state + problem.stateOffset(head)).elements()
    let to: UnsafeMutablePointer<R> = M.elements()
    for j in 0..<problem.shape.Dk {
      for i in 0..<problem.shape.Dv { to[j * valueLanes * 8 + i] = from[i * keyRows + j] }
    }
  }

  private func finish(_ head: Head) {
    let from: UnsafeMutablePointer<R> = M.elements()
    let to: UnsafeMutablePointer<R> = (results.state + problem.stateOffset(head)).elements()
    for i in 0..<problem.shape.Dv {
      for j in 0..<problem.shape.Dk { to[i * keyRows + j] = from[j * valueLanes * 8 + i] }
    }
  }
}
