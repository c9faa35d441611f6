import Foundation

/// What the processor under this process can do.
package enum Processor {
  /// AVX2 and FMA, and an operating system that keeps their registers.
  package static let hasWideVectors: Bool = {
    #if !arch(x86_64)
      return false
    #elseif os(Linux)
      guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8),
        let flags = text.split(separator: "\n").first(where: { $0.hasPrefix("flags") })
      else { return false }
      return Set(flags.split(separator: " ")).isSuperset(of: ["avx2", "fma"])
    #elseif canImport(Darwin)
      return ["hw.optional.avx2_0", "hw.optional.fma"].allSatisfy { name in
        var isThere: Int32 = 0
        var size = MemoryLayout<Int32>.size
        return sysctlbyname(name, &isThere, &size, nil, 0) == 0 && isThere == 1
      }
    #else
      return false
    #endif
  }()
}
