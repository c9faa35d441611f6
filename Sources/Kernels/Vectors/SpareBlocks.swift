import Synchronization

/// Blocks that no arena uses: memory that the system has to give, and to take back, for every evaluation of a small case
/// costs more than that evaluation's arithmetic.
final class SpareBlocks: Sendable {
  static let all = SpareBlocks()
  /// No more than those of a few threads are kept.
  private static let limit = 64
  /// Their addresses.
  private let addresses = Mutex<[UInt]>([])

  func take() -> UnsafeMutableRawPointer {
    let address = addresses.withLock { $0.popLast() }
    return address.flatMap { UnsafeMutableRawPointer(bitPattern: $0) }
      ?? .allocate(byteCount: Arena.blockSize, alignment: Arena.alignment)
  }

  func put(back block: UnsafeMutableRawPointer) {
    let isKept = addresses.withLock { addresses in
      guard addresses.count < SpareBlocks.limit else { return false }
      addresses.append(UInt(bitPattern: block))
      return true
    }
    if !isKept { block.deallocate() }
  }
}
