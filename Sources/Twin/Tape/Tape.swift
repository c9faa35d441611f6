import GatedDeltaRule

/// Reverse-mode differentiation over matrices of one head: operations are done at once and noted, and gone through
/// backwards. Whatever an operation results in is scattered to a neighbour in fp32 or a coarser format, and so is the
/// cotangent that comes back to it.
///
/// Memory is taken once and used again: between problems of one shape nothing is allocated.
final class Tape<Number: TwinNumber> {
  typealias Pointer = UnsafeMutablePointer<Number>

  private(set) var values: Pointer
  private(set) var gradients: Pointer
  private(set) var scratch: Pointer
  private var capacity: Int
  private var scratchCapacity: Int
  private(set) var top = 0
  private var operations: [Operation] = []
  private var key: UInt64 = 0
  private var counter: UInt64 = 0
  /// Whether operations are noted.
  private var records = true
  private let rounds: Bool
  /// Whether all roundings are to the nearest.
  var isNearest = false

  init(rounds: Bool) {
    self.rounds = rounds
    (capacity, scratchCapacity) = (1 << 14, 1 << 10)
    values = .allocate(capacity: capacity)
    gradients = .allocate(capacity: capacity)
    scratch = .allocate(capacity: scratchCapacity)
  }

  deinit {
    values.deallocate()
    gradients.deallocate()
    scratch.deallocate()
  }

  /// An empty tape whose roundings are at this address.
  func begin(key: UInt64, records: Bool) {
    (top, counter) = (0, 0)
    (self.key, self.records) = (key, records)
    operations.removeAll(keepingCapacity: true)
  }

  /// A matrix of zeros.
  func zeros(_ rows: Int, _ columns: Int) -> Block {
    let block = matrix(rows, columns)
    values.advanced(by: block.offset).update(repeating: 0, count: block.rows * block.stride)
    return block
  }

  /// A matrix of whatever lies there, which the operation writes whole, its padding included.
  func matrix(_ rows: Int, _ columns: Int) -> Block {
    let stride = (columns + 7) & ~7
    let offset = top
    top += rows * stride
    if top > capacity { grow() }
    return Block(offset: offset, rows: rows, columns: columns, stride: stride)
  }

  /// At least so much scratch, of which nothing is known.
  func scratch(_ count: Int) -> Pointer {
    if count > scratchCapacity {
      scratch.deallocate()
      scratchCapacity = count
      scratch = .allocate(capacity: count)
    }
    return scratch
  }

  /// Values of a block.
  func value(_ block: Block) -> Pointer { values + block.offset }

  /// Cotangents of a block.
  func gradient(_ block: Block) -> Pointer { gradients + block.offset }

  /// The values scattered, and the operation noted.
  func note(_ operation: Operation) {
    scatter(values, operation.result, to: .fp32)
    if records { operations.append(operation) }
  }

  /// The operation noted.
  func noteExact(_ operation: Operation) {
    if records { operations.append(operation) }
  }

  /// All cotangents zero.
  func clearGradients() { gradients.update(repeating: 0, count: top) }

  /// The cotangents of everything that results were made of are added to, from the last operation to the first.
  func goBack() {
    for operation in operations.reversed() {
      let result = operation.result
      scatter(gradients, result, to: .fp32)
      differentiate(operation)
    }
  }

  /// Numbers of a block in this memory moved to neighbours in a format.
  func scatter(_ memory: Pointer, _ block: Block, to format: ProductFormat) {
    guard rounds else { return }
    var dice = nextDice()
    if block.stride == block.width || block.rows == 1 {
      Number.scatter(memory + block.offset, (block.rows - 1) * block.stride + block.width, to: format, &dice)
    } else {
      for i in 0..<block.rows {
        Number.scatter(memory + block.offset + i * block.stride, block.width, to: format, &dice)
      }
    }
  }

  /// The cotangent of a block as an operand of products, in scratch from this place on, rows `width` apart.
  func operand(ofGradient block: Block, _ format: ProductFormat, in memory: Pointer) {
    copyRows(gradient(block), block.stride, to: memory, block.width, rows: block.rows, width: block.width)
    scatter(
      memory, Block(offset: 0, rows: block.rows, columns: block.columns, stride: block.width), to: format)
  }

  private func nextDice() -> Dice {
    counter += 1
    return Dice(key: Dice.mixed(key, counter), isNearest: isNearest)
  }

  private func grow() {
    let larger = max(top, 2 * capacity)
    let (newValues, newGradients) = (Pointer.allocate(capacity: larger), Pointer.allocate(capacity: larger))
    newValues.update(from: values, count: capacity)
    values.deallocate()
    gradients.deallocate()
    (values, gradients, capacity) = (newValues, newGradients, larger)
  }
}

/// Rows from one place to another.
func copyRows<Number>(
  _ source: UnsafeMutablePointer<Number>, _ sourceStride: Int, to target: UnsafeMutablePointer<Number>,
  _ targetStride: Int, rows: Int, width: Int
) {
  for i in 0..<rows { (target + i * targetStride).update(from: source + i * sourceStride, count: width) }
}
