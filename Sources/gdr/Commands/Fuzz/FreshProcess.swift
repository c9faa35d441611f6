import Dispatch
import Foundation
import GatedDeltaRule
import Machine

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
  ///
  /// - Parameter deadline: when no process is waited for any more.
  func reproductions(
    of path: String, asked count: Int, until deadline: Deadline
  ) throws -> Result<Int, Silence> {
    var reproductions = 0
    for _ in 0..<count {
      switch try isReproduced(path, until: deadline) {
      case .success(let isReproduced): reproductions += isReproduced ? 1 : 0
      case .failure(let silence): return .failure(silence)
      }
    }
    return .success(reproductions)
  }

  private func isReproduced(_ path: String, until deadline: Deadline) throws -> Result<Bool, Silence> {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = ["replay"] + flags + ["--", path]
    (process.standardInput, process.standardOutput, process.standardError) =
      (FileHandle.nullDevice, FileHandle.nullDevice, FileHandle.nullDevice)
    let ended = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in ended.signal() }
    do {
      try process.run()
    } catch {
      return .failure(Silence(description: "no fresh process could be started: \(error)"))
    }
    let end = ContinuousClock.now + patience
    while ended.wait(timeout: .now() + .milliseconds(50)) == .timedOut {
      guard deadline.hasPassed || .now >= end else { continue }
      kill(process.processIdentifier, SIGKILL)
      _ = ended.wait(timeout: .now() + .seconds(1))
      let seconds = Int(patience.components.seconds)
      return .failure(
        Silence(
          description: deadline.hasPassed
            ? "not asked for in a fresh process: \(Interrupted())"
            : "a fresh process did not end in \(seconds) s"))
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
