import GatedDeltaRule

/// The results of one evaluation while they are put together, each padded to a multiple of eight numbers.
final class Sums<Number: TwinNumber> {
  private(set) var memory: [Quantity: UnsafeMutableBufferPointer<Number>] = [:]
  private let rounds: Bool
  private var key: UInt64 = 0
  /// Whether all roundings are to the nearest.
  private var isNearest = false

  /// For every quantity of the problem's level, and for the gradient by log g and g themselves.
  init(_ problem: Problem, rounds: Bool) {
    self.rounds = rounds
    for quantity in Set(Quantity.all(at: problem.level) + [.dg, .dbeta]) {
      let count = (quantity.shape(in: problem.shape).reduce(1, *) + 7) & ~7
      memory[quantity] = .allocate(capacity: max(count, 8))
    }
  }

  deinit { for buffer in memory.values { buffer.deallocate() } }

  /// Zeros, with roundings at this address, or to the nearest.
  func begin(key: UInt64, isNearest: Bool) {
    (self.key, self.isNearest) = (key, isNearest)
    for buffer in memory.values { buffer.update(repeating: 0) }
  }

  /// One of them.
  subscript(quantity: Quantity) -> UnsafeMutablePointer<Number> { memory[quantity]!.baseAddress! }

  /// Moves the numbers of one quantity to neighbours in a format; each quantity has its own address, whatever the others
  /// are asked for.
  func scatter(_ quantity: Quantity, to format: ProductFormat) {
    guard rounds else { return }
    let place = UInt64(2 * quantity.ordinal + (format == .fp32 ? 0 : 1))
    var dice = Dice(key: Dice.mixed(key, place), isNearest: isNearest)
    Number.scatter(self[quantity], memory[quantity]!.count, to: format, &dice)
  }

  /// One of them as a tensor.
  func tensor(_ quantity: Quantity, _ shape: Shape) -> Tensor {
    let dimensions = quantity.shape(in: shape)
    let count = dimensions.reduce(1, *)
    return Tensor(shape: dimensions, precision: .fp64, values: memory[quantity]![..<count].map(\.double))
  }
}
