import Foundation

/// This program as a file.
package enum Executable {
  /// An absolute path under which this very program can be started again; on Linux even where its file was replaced or
  /// removed since. nil where the system does not say.
  package static let path: String? = {
    #if os(Linux)
      return access("/proc/self/exe", R_OK) == 0 ? "/proc/self/exe" : Bundle.main.executablePath
    #else
      return Bundle.main.executablePath
    #endif
  }()

  /// The same for a shell, to which `self` is the shell.
  package static let pathForShell: String? = path.map {
    $0.replacing("/proc/self/", with: "/proc/\(ProcessInfo.processInfo.processIdentifier)/")
  }

  /// What tells this build from another: a digest of the program's bytes, eight at a time; nil where they cannot be read.
  package static let digest: String? = path.flatMap { path in
    guard let bytes = try? Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped) else {
      return nil
    }
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    bytes.withUnsafeBytes { bytes in
      for place in stride(from: 0, to: bytes.count & ~7, by: 8) {
        hash = (hash ^ bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)) &* 0x0000_0100_0000_01B3
      }
    }
    return Checksum.of("\(hash) \(bytes.count)")
  }
}
