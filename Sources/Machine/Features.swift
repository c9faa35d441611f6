#if arch(x86_64)
  import Foundation

  /// Extensions of the instruction set that the kernels are compiled for, where processor and operating system have
  /// them.
  struct Features: OptionSet {
    let rawValue: UInt8

    static let avx2 = Features(rawValue: 1 << 0)
    static let fma = Features(rawValue: 1 << 1)
    /// F, DQ, CD, BW and VL.
    static let avx512 = Features(rawValue: 1 << 2)

    /// Those of the processor under this process, be it an emulated one.
    static let current: Features = {
      #if canImport(Darwin)
        return Features.named { name in
          let key = name.hasPrefix("avx512") ? name : ["avx2": "avx2_0"][name, default: name]
          var isThere: Int32 = 0
          var size = MemoryLayout<Int32>.size
          return sysctlbyname("hw.optional.\(key)", &isThere, &size, nil, 0) == 0 && isThere == 1
        }
      #elseif os(Linux)
        return fromLoader ?? fromKernel
      #else
        return []
      #endif
    }()

    /// By the names of their parts.
    private static func named(_ has: (String) -> Bool) -> Features {
      var features: Features = []
      if has("avx2") { features.insert(.avx2) }
      if has("fma") { features.insert(.fma) }
      if ["avx512f", "avx512dq", "avx512cd", "avx512bw", "avx512vl"].allSatisfy(has) {
        features.insert(.avx512)
      }
      return features
    }

    #if os(Linux)
      /// What glibc 2.33 and later asked the processor by cpuid, less what the operating system does not keep: the
      /// upper half of `struct cpuid_feature` in <sys/platform/x86.h>, registers a, b, c, d of a leaf.
      private static var fromLoader: Features? {
        typealias Leaf = @convention(c) (UInt32) -> UnsafePointer<UInt32>?
        guard let symbol = dlsym(nil, "__x86_get_cpuid_feature_leaf") else { return nil }
        let leaf = unsafeBitCast(symbol, to: Leaf.self)
        guard let first = leaf(0), let seventh = leaf(1) else { return nil }
        let (ecx1, ebx7) = (first[4 + 2], seventh[4 + 1])
        let bits: [String: Bool] = [
          "fma": ecx1 & 1 << 12 != 0, "avx2": ebx7 & 1 << 5 != 0, "avx512f": ebx7 & 1 << 16 != 0,
          "avx512dq": ebx7 & 1 << 17 != 0, "avx512cd": ebx7 & 1 << 28 != 0, "avx512bw": ebx7 & 1 << 30 != 0,
          "avx512vl": ebx7 & 1 << 31 != 0,
        ]
        return named { bits[$0] ?? false }
      }

      /// What the kernel lists, elsewhere. An emulator shows the list of its host, so nothing rare is taken from it.
      private static var fromKernel: Features {
        guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8),
          let flags = text.split(separator: "\n").first(where: { $0.hasPrefix("flags") })
        else { return [] }
        let names = Set(flags.split(separator: " "))
        return named { names.contains(Substring($0)) }.subtracting(.avx512)
      }
    #endif
  }
#endif
