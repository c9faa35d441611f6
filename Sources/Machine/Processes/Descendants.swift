import Foundation

/// The processes that one has started, and those that these have started; none where the system does not say.
///
/// A process that leaves its group is still the child of its parent, as long as that lives.
func descendants(of process: pid_t) -> [pid_t] {
  #if os(Linux)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    let children = Dictionary(grouping: names.compactMap { pid_t($0) }) { parent(of: $0) }
    var found: [pid_t] = []
    var next = [process]
    while let parent = next.popLast() {
      let more = (children[parent] ?? []).filter { !found.contains($0) }
      found += more
      next += more
    }
    return found
  #else
    return []
  #endif
}

#if os(Linux)
  /// The second field after the name, which stands in brackets and may hold any character.
  private func parent(of process: pid_t) -> pid_t? {
    guard let file = try? RegularFile("/proc/\(process)/stat"), let bytes = try? file.read(1024) else {
      return nil
    }
    let text = String(decoding: bytes, as: UTF8.self)
    guard let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[end...].split(separator: " ")
    return fields.count > 2 ? pid_t(fields[2]) : nil
  }
#endif
