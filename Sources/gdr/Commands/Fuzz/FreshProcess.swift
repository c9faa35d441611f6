import Dispatch
import Foundation

/// This program started anew, so that what one process has in its memory counts for nothing.
struct FreshProcess {
  /// The program.
  let executable: String
  /// The flags of the workers.
  let flags: [String]
  /// How long one may take.
  var patience: Duration = .seconds(900)

  /// Why a process says nothing about a finding: it could not be asked, which is no word against the finding.
  struct Silence: Error, CustomStringConvertible {
    let description: String
  }

  /// How many of so many processes, one after the other, see the saved case fail.
  func reproductions(of path: String, asked count: Int) throws -> Result<Int, Silence> {
    var reproductions = 0
    for _ in 0..<count {
      switch try isReproduced(path) {
      case .success(let isReproduced): reproductions += isReproduced ? 1 : 0
      case .failure(let silence): return .failure(silence)
      }
    }
    return .success(reproductions)
  }

  private func isReproduced(_ path: String) throws -> Result<Bool, Silence> {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = ["replay"] + flags + ["--", path]
    (process.standardInput, process.standardOutput, process.standardError) =
      (FileHandle.nullDevice, FileHandle.nullDevice, FileHandle.nullDevice)
    let ended = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in ended.signal() }
    try process.run()
    let seconds = Int(patience.components.seconds)
    guard ended.wait(timeout: .now() + .seconds(seconds)) == .success else {
      kill(process.processIdentifier, SIGKILL)
      ended.wait()
      return .failure(Silence(description: "a fresh process did not end in \(seconds) s"))
    }
    let status = process.terminationStatus
    switch process.terminationReason {
    case .exit where status == ExitCode.findings.rawValue: return .success(true)
    case .exit where status == ExitCode.nothing.rawValue: return .success(false)
    case .exit:
      return .failure(Silence(description: "a fresh process could not judge it: exit code \(status)"))
    default: return .failure(Silence(description: "a fresh process was ended by signal \(status)"))
    }
  }
}
