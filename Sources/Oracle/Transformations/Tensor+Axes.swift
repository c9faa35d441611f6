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
      guard count > 0, var to = target.baseAddress else { return }
      values.withUnsafeBufferPointer { source in
        for block in 0..<outer {
          var first = 0
          while first < places.count {
            var end = first + 1
            if let place = places[first] {
              // What stays side by side is copied in one piece.
              while end < places.count, places[end] == place + end - first { end += 1 }
              let from = source.baseAddress! + (block * length + place) * inner
              to.initialize(from: from, count: (end - first) * inner)
            } else {
              to.initialize(repeating: 0, count: inner)
            }
            to += (end - first) * inner
            first = end
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
