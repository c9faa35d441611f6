/// The coordinates of an element of a row-major shape.
func coordinates(of element: Int, in shape: [Int]) -> [Int] {
  var rest = element
  return shape.reversed().map { size in
    defer { rest /= max(size, 1) }
    return rest % max(size, 1)
  }.reversed()
}
