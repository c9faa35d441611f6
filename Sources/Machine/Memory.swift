import Foundation

/// The memory that there is.
package enum Memory {
  /// Bytes that one piece of work may need: three quarters of what the computer has, or of what is lent to this process.
  package static let limit: Int = min(physical, group, addresses) / 4 * 3

  private static var physical: Int { Int(clamping: ProcessInfo.processInfo.physicalMemory) }

  /// What a container may have; everything where nobody says.
  private static var group: Int {
    #if os(Linux)
      let files = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
      return files.compactMap { path -> Int? in
        guard let bytes = try? RegularFile.contents(of: path, limit: 64) else { return nil }
        return Int(String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
      }.filter { $0 > 0 }.min() ?? .max
    #else
      return .max
    #endif
  }

  /// What `ulimit -v` leaves.
  private static var addresses: Int {
    ResourceLimit.addresses.current.map { Int(clamping: $0.rlim_cur) } ?? .max
  }
}
