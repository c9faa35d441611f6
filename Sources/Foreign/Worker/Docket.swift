import Foundation
import Synchronization

/// The recipes that are being heard right now, each in a small file that is gone when the answer is there: what is
/// left of them tells which cases a run was at when it was killed.
public final class Docket: Sendable {
  private let folder: String
  private let tickets = Atomic<Int>(0)
  private static let prefix = ".in-flight-"

  /// Files go to this folder, which is made if need be.
  public init(folder: String) { self.folder = folder }

  /// One case in flight.
  struct Ticket {
    fileprivate let path: String

    /// It has landed.
    func close() { unlink(path) }
  }

  /// Writes the recipe down, to the disk, before it goes to anybody.
  func enter(_ recipe: String?) throws -> Ticket? {
    guard let recipe else { return nil }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let number = tickets.add(1, ordering: .relaxed).newValue
    let path = "\(folder)/\(Docket.prefix)\(getpid())-\(number)"
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    let bytes = Array((recipe + "\n").utf8)
    _ = write(descriptor, bytes, bytes.count)
    fsync(descriptor)
    return Ticket(path: path)
  }

  /// What runs that are no more left behind; the files are removed.
  public func takeLeftovers() -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.sorted().compactMap { name in
      guard name.hasPrefix(Docket.prefix) else { return nil }
      let process = name.dropFirst(Docket.prefix.count).split(separator: "-").first.flatMap { Int32($0) }
      guard let process, process > 0, kill(process, 0) != 0, errno == ESRCH else { return nil }
      let path = folder + "/" + name
      let data = FileHandle(forReadingAtPath: path).flatMap { try? $0.read(upToCount: 4096) }
      unlink(path)
      let recipe = data.map { oneLine(String(decoding: $0, as: UTF8.self)) } ?? ""
      return recipe.isEmpty ? nil : recipe
    }
  }
}
