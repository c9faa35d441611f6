/// The memory of one evaluation: every buffer a kernel holds comes from here, so that what it holds is counted.
///
/// Buffers are aligned for vectors and live as long as the arena, which the caller keeps alive.
final class Arena {
  private var blocks: [UnsafeMutableRawPointer] = []
  /// Bytes handed out.
  private(set) var bytes = 0

  /// `count` elements of unspecified content; numbers, vectors and flags only, nothing is deinitialised.
  func allocate<Element>(_ count: Int, of: Element.Type = Element.self)
    -> UnsafeMutablePointer<Element>
  {
    let size = max(count, 1) * MemoryLayout<Element>.stride
    let block = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
    blocks.append(block)
    bytes += size
    return block.bindMemory(to: Element.self, capacity: max(count, 1))
  }

  /// `count` copies of a value.
  func allocate<Element>(_ count: Int, filledWith value: Element) -> UnsafeMutablePointer<Element> {
    let buffer = allocate(count, of: Element.self)
    buffer.update(repeating: value, count: count)
    return buffer
  }

  deinit {
    for block in blocks { block.deallocate() }
  }
}
