import Foundation
import Machine

/// Where numbers come from: which program computed them, asked by which command line, when and on which machine.
package struct Provenance: Sendable, Hashable, Codable {
  /// Of the program.
  package var version: String
  /// Of its sources; nil where it is not known.
  package var revision: String?
  /// The command line, as a shell takes it.
  package var command: String
  /// What the machine says of itself.
  package var machine: String
  /// Seconds from 1970.
  package var started: Double

  /// - Parameter words: the command line without the program's name.
  package init(
    version: String, revision: String?, words: [String], machine: String, started: Double
  ) {
    (self.version, self.revision, self.machine, self.started) = (version, revision, machine, started)
    let line = (["gdr"] + words.map(\.shellWord)).joined(separator: " ")
    command = line.count > Provenance.longest ? line.prefix(Provenance.longest) + "..." : line
  }

  private static let longest = 2000

  /// The program and the time in a line, the command line in one, the machine in one.
  package var lines: [String] {
    [
      "\(program)\(revision == nil ? ", revision not known" : ""), \(Provenance.time(started))", command,
      machine,
    ]
  }

  /// `gdr 0.2.0 (1a2b3c4d5e6f)`.
  package var program: String { "gdr \(version)" + (revision.map { " (\($0))" } ?? "") }

  /// `2026-11-30 10:24:05 UTC`.
  package static func time(_ seconds: Double) -> String {
    // What a strange file says may be no time at all.
    guard (0...1e11).contains(seconds) else { return "at an unknown time" }
    let date = Date(timeIntervalSince1970: seconds)
    let day = date.formatted(.iso8601.year().month().day())
    return day + " " + date.formatted(.iso8601.time(includingFractionalSeconds: false)).prefix(8) + " UTC"
  }
}
