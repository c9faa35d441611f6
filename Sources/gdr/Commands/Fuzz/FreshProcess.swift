import Dispatch
import Foundation

/// This program started anew, so that what one process has in its memory counts for nothing.
struct FreshProcess {
  /// The program.
  let executable: String
  /// What follows the file: the flags of the workers.
  let flags: [String]
  /// How long one may take.
  var patience: Duration = .seconds(900)

  /// How many of so many processes, one after the other, replay a saved case as it is recorded.
  func reproductions(of path: String, asked count: Int) throws -> Int {
    try (0..<count).count(where: { _ in try isReproduced(path) })
  }

  private func isReproduced(_ path: String) throws -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = ["replay", path] + flags
    (process.standardInput, process.standardOutput, process.standardError) =
      (FileHandle.nullDevice, FileHandle.nullDevice, FileHandle.nullDevice)
    let ended = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in ended.signal() }
    try process.run()
    let seconds = Int(patience.components.seconds)
    guard ended.wait(timeout: .now() + .seconds(seconds)) == .success else {
      kill(process.processIdentifier, SIGKILL)
      ended.wait()
      return false
    }
    return process.terminationReason == .exit && process.terminationStatus == ExitCode.nothing.rawValue
  }
}
