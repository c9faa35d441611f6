/// The memory of one evaluation: every buffer a kernel holds comes from here, so that what it holds is counted.
///
/// Buffers are aligned for vectors and live as long as the arena, which the caller keeps alive. Small ones share a
/// block: an evaluation of a few tokens would else spend its time in the allocator.
final class Arena {
  static let blockSize = 1 << 18
  static let alignment = 64
  /// Those of the usual size, which the next arena may have, and those of what is large.
  private var blocks: [UnsafeMutableRawPointer] = []
  private var largeBlocks: [UnsafeMutableRawPointer] = []
  private var next: UnsafeMutableRawPointer?
  private var left = 0
  /// Bytes handed out.
  private(set) var bytes = 0
  /// The threads that fill what is long.
  let parts: Parts

  /// Nothing yet.
  init(threads: Int = 1) { parts = Parts(threads: threads) }

  /// `count` elements of unspecified content; numbers, vectors and flags only, nothing is deinitialised.
  func allocate<Element>(_ count: Int, of: Element.Type = Element.self)
    -> UnsafeMutablePointer<Element>
  {
    let size = max(count, 1) * MemoryLayout<Element>.stride
    bytes += size
    return place(for: (size + Arena.alignment - 1) / Arena.alignment * Arena.alignment)
      .bindMemory(to: Element.self, capacity: max(count, 1))
  }

  /// `count` copies of a value.
  func allocate<Element>(_ count: Int, filledWith value: Element) -> UnsafeMutablePointer<Element> {
    let buffer = allocate(count, of: Element.self)
    parts.forEach(count, bytes: MemoryLayout<Element>.stride) { elements in
      (buffer + elements.lowerBound).update(repeating: value, count: elements.count)
    }
    return buffer
  }

  private func place(for size: Int) -> UnsafeMutableRawPointer {
    if let place = next, size <= left {
      next = place + size
      left -= size
      return place
    }
    // A block of its own for what is large; the one begun stays in use.
    if size >= Arena.blockSize {
      let block = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: Arena.alignment)
      largeBlocks.append(block)
      return block
    }
    let block = SpareBlocks.all.take()
    blocks.append(block)
    (next, left) = (block + size, Arena.blockSize - size)
    return block
  }

  deinit {
    for block in blocks { SpareBlocks.all.put(back: block) }
    for block in largeBlocks { block.deallocate() }
  }
}
