import GatedDeltaRule

/// What a sweep reads, as memory: a tensor of a problem, taken out of it token by token, would be counted as shared
/// and given back each time.
struct SweepInputs {
  typealias Numbers = UnsafeBufferPointer<Double>

  let q, k, v: Numbers
  /// Nil where absent.
  let dy, state, dstate: Numbers?

  /// Calls `body` with the memory, which is there as long as `body` runs; q and k are those of a layer, if there is one.
  static func with<Result>(
    _ problem: Problem, _ layer: QueryKeyLayer?, _ body: (SweepInputs) -> Result
  ) -> Result {
    let (primals, cotangents) = (problem.primals, problem.cotangents)
    return (layer?.q ?? primals.q.values).withUnsafeBufferPointer { q in
      (layer?.k ?? primals.k.values).withUnsafeBufferPointer { k in
        primals.v.values.withUnsafeBufferPointer { v in
          with(cotangents.y) { dy in
            with(primals.state) { state in
              with(cotangents.state) { dstate in
                body(SweepInputs(q: q, k: k, v: v, dy: dy, state: state, dstate: dstate))
              }
            }
          }
        }
      }
    }
  }

  @inline(__always)
  private static func with<Result>(_ tensor: Tensor?, _ body: (Numbers?) -> Result) -> Result {
    guard let tensor else { return body(nil) }
    return tensor.values.withUnsafeBufferPointer(body)
  }
}
