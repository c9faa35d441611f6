import GatedDeltaRule

/// States among several: [slots, Hv, Dv, Dk].
extension Tensor {
  /// States of one row each as those of a batch.
  init(joining states: [Tensor]) {
    self.init(
      shape: [states.count] + states[0].shape.dropFirst(), precision: states[0].precision,
      values: states.flatMap(\.values))
  }

  /// Where the elements of one lie.
  func elements(of index: Int) -> Range<Int> {
    let count = shape.dropFirst().reduce(1, *)
    return index * count..<(index + 1) * count
  }

  /// One of them, [1, Hv, Dv, Dk].
  func state(_ index: Int) -> Tensor {
    Tensor(shape: [1] + shape.dropFirst(), precision: precision, values: Array(values[elements(of: index)]))
  }

  /// What lies where it would begin if each had so many elements.
  func state(_ index: Int, stride: Int) -> Tensor {
    let first = index * stride
    return Tensor(
      shape: [1] + shape.dropFirst(), precision: precision,
      values: Array(values[first..<first + elements(of: 0).count]))
  }

  /// In place of one of them, or of its first heads.
  mutating func put(_ state: Tensor, at index: Int, heads: Int? = nil) {
    let count = heads.map { state.values.count / shape[1] * $0 } ?? state.values.count
    let first = elements(of: index).lowerBound
    values.replaceSubrange(first..<first + count, with: state.values.prefix(count).map(precision.round))
  }

  /// Rows taken for columns.
  var transposed: Tensor {
    let (rows, columns) = (shape[2], shape[3])
    var copy = self
    for head in 0..<shape[1] {
      for i in 0..<rows * columns {
        copy.values[head * rows * columns + i] = values[head * rows * columns + i % rows * columns + i / rows]
      }
    }
    return copy
  }

  /// Each element times a number.
  func scaled(by factor: Double) -> Tensor {
    Tensor(shape: shape, precision: precision, values: values.map { $0 * factor })
  }

  /// The same numbers as those of another format.
  func inFormat(_ format: Precision) -> Tensor {
    format == precision ? self : Tensor(shape: shape, precision: format, values: values)
  }
}
