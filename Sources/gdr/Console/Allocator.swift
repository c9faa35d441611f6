import Foundation

/// The C library's memory.
enum Allocator {
  /// Keeps what is freed, where the library is glibc: every evaluation takes as much again, and memory that comes
  /// from the system anew costs a page fault for every 4 KB. Other libraries need no such word.
  static func keepWhatIsFreed() {
    typealias Option = @convention(c) (Int32, Int32) -> Int32
    guard let symbol = dlsym(UnsafeMutableRawPointer(bitPattern: 0), "mallopt") else { return }
    let set = unsafeBitCast(symbol, to: Option.self)
    let (mostMappings, trimThreshold): (Int32, Int32) = (-4, -1)
    _ = set(mostMappings, 0)
    _ = set(trimThreshold, 1 << 30)
  }
}
