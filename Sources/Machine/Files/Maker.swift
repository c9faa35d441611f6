/// Who made a file: a computer, since when it has been up, and a process of it. In the names of files on disks that
/// several computers share.
struct Maker: Hashable, Sendable {
  /// A hash of the computer's name.
  let host: String
  /// A hash of what names one start of its kernel; a container has that of its host.
  let boot: String
  /// The number of the process.
  let process: String

  /// This process.
  static let current = Maker(
    host: Checksum.of(hostName), boot: Checksum.of(bootName), process: String(getpid()))

  /// `HOST-BOOT-PROCESS`.
  var text: String { "\(host)-\(boot)-\(process)" }

  private init(host: String, boot: String, process: String) {
    (self.host, self.boot, self.process) = (host, boot, process)
  }

  /// From its text; nil for any other.
  init?(text: some StringProtocol) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, parts.allSatisfy({ $0.allSatisfy(\.isHexDigit) && !$0.isEmpty }) else {
      return nil
    }
    self.init(host: String(parts[0]), boot: String(parts[1]), process: String(parts[2]))
  }

  private static var hostName: String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "" }
    return text(name)
  }

  private static var bootName: String {
    #if canImport(Darwin)
      var name = [CChar](repeating: 0, count: 128)
      var size = name.count - 1
      return sysctlbyname("kern.bootsessionuuid", &name, &size, nil, 0) == 0 ? text(name) : ""
    #else
      let file = try? RegularFile("/proc/sys/kernel/random/boot_id")
      return (try? file?.read(64)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    #endif
  }

  private static func text(_ name: [CChar]) -> String {
    String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
