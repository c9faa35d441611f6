import GatedDeltaRule

extension Tensor {
  /// The entries at these places along an axis, in this order; nil stands for zeros.
  func selecting(_ places: [Int?], axis: Int) -> Tensor {
    let inner = shape[(axis + 1)...].reduce(1, *)
    let outer = shape[..<axis].reduce(1, *)
    let length = shape[axis]
    var selected = shape
    selected[axis] = places.count
    let count = outer * places.count * inner
    let picked = [Double](unsafeUninitializedCapacity: count) { target, filled in
      filled = count
      values.withUnsafeBufferPointer { source in
        var to = 0
        for block in 0..<outer {
          for place in places {
            if let place {
              let from = (block * length + place) * inner
              for i in 0..<inner { target[to + i] = source[from + i] }
            } else {
              for i in 0..<inner { target[to + i] = 0 }
            }
            to += inner
          }
        }
      }
    }
    return Tensor(shape: selected, precision: precision, values: picked)
  }

  /// Each entry times a factor of its place along an axis.
  func multiplied(by factors: [Double], axis: Int) -> Tensor {
    let inner = shape[(axis + 1)...].reduce(1, *)
    var copy = self
    for i in copy.values.indices { copy.values[i] *= factors[i / inner % factors.count] }
    return copy
  }

  /// Each entry times a factor.
  func multiplied(by factor: Double) -> Tensor {
    Tensor(shape: shape, precision: precision, values: values.map { $0 * factor })
  }

  /// Entry by entry.
  func multiplied(by other: Tensor) -> Tensor {
    var copy = self
    for i in copy.values.indices { copy.values[i] *= other.values[i] }
    return copy
  }

  /// This tensor and then another along an axis.
  func joined(_ other: Tensor, axis: Int) -> Tensor {
    let inner = shape[axis...].reduce(1, *)
    let otherInner = other.shape[axis...].reduce(1, *)
    var joined = shape
    joined[axis] += other.shape[axis]
    var all: [Double] = []
    all.reserveCapacity(values.count + other.values.count)
    for block in 0..<shape[..<axis].reduce(1, *) {
      all += values[block * inner..<(block + 1) * inner]
      all += other.values[block * otherInner..<(block + 1) * otherInner]
    }
    return Tensor(shape: joined, precision: precision, values: all)
  }

  /// Sums of `size` neighbours along an axis.
  func summed(by size: Int, axis: Int) -> Tensor {
    let inner = shape[(axis + 1)...].reduce(1, *)
    var reduced = shape
    reduced[axis] /= size
    var sums = [Double](repeating: 0, count: values.count / size)
    for i in values.indices { sums[i / (inner * size) * inner + i % inner] += values[i] }
    return Tensor(shape: reduced, precision: precision, values: sums)
  }

  /// The sums, entry by entry.
  func adding(_ other: Tensor) -> Tensor {
    var copy = self
    for i in copy.values.indices { copy.values[i] += other.values[i] }
    return copy
  }
}
