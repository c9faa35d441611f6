import Machine

/// The recipes that workers are evaluating right now, each in a small file that is gone when the answer is there: what
/// is left of them tells which cases a run was at when it was killed.
public final class InFlight: Sendable {
  private let folder: String
  private static let naming = OwnedFile.Naming(prefix: ".in-flight-")

  /// Files go to this folder, which is made if need be.
  public init(folder: String) { self.folder = folder }

  /// Writes the recipe down, to the disk, before it goes to anybody. Where that cannot be done there is no note of it:
  /// a full disk is no fault of who evaluates.
  func enter(_ recipe: String?) -> OwnedFile? {
    guard let recipe, (try? AtomicFile.makeFolder(folder)) != nil else { return nil }
    return try? OwnedFile(in: folder, named: InFlight.naming, holding: Array((recipe + "\n").utf8))
  }

  /// What runs that are no more left behind; the files are removed.
  public func takeLeftovers() -> [String] {
    OwnedFile.takeLeftovers(in: folder, named: InFlight.naming)
      .map { oneLine(String(decoding: $0, as: UTF8.self)) }.filter { !$0.isEmpty }
  }
}
