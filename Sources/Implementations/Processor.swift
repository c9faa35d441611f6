import Foundation

/// What the processor under this process can do.
package enum Processor {
  /// Vectors of 256 bits, and an operating system that keeps them.
  package static let hasAVX2: Bool = {
    #if !arch(x86_64)
      return false
    #elseif os(Linux)
      guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8),
        let flags = text.split(separator: "\n").first(where: { $0.hasPrefix("flags") })
      else { return false }
      return flags.split(separator: " ").contains("avx2")
    #elseif canImport(Darwin)
      var isThere: Int32 = 0
      var size = MemoryLayout<Int32>.size
      return sysctlbyname("hw.optional.avx2_0", &isThere, &size, nil, 0) == 0 && isThere == 1
    #else
      return false
    #endif
  }()
}
