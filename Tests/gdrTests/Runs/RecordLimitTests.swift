import Foundation
import GatedDeltaRule
import Support
import Testing
import gdr

/// Records as nobody's run writes them.
@Suite final class RecordLimitTests {
  let folder = TemporaryFolder()
  /// As JSON.
  private typealias Object = [String: Any]

  /// The record of a run of three cases, changed.
  private func record(_ change: (inout Object) throws -> Void) throws -> String {
    let path = folder.path(of: "run.json")
    if !FileManager.default.fileExists(atPath: path) {
      let words = ["fuzz", "--cases", "3", "--seed", "1", "--size", "small", "--jobs", "1", "--report", path]
      let run = run(
        words + ["--corpus", folder.path(of: "corpus")], implementations: [SavedCaseTests.Scaled()])
      try #require(run.code != .badFile, "\(run.error)")
    }
    let data = try Data(contentsOf: URL(filePath: path))
    var object = try #require(try JSONSerialization.jsonObject(with: data) as? Object)
    // What format 1 had is no checksum.
    (object["format"], object["checksum"]) = (1, nil)
    try change(&object)
    return try folder.write(JSONSerialization.data(withJSONObject: object), to: "changed.json")
  }

  /// The same with this many shards in the plan, and this change in each part.
  private func record(shards: Int, parts: Int, _ change: (inout Object) -> Void = { _ in }) throws -> String {
    try record { object in
      var plan = try #require(object["plan"] as? Object)
      (plan["shards"], plan["cases"]) = (shards, NSNull())
      plan["cases"] = nil
      object["plan"] = plan
      let all = try #require(object["parts"] as? [Object])
      object["parts"] = (1...parts).map { shard in
        var part = all[0]
        part["shard"] = shard
        var ledger = part["ledger"] as? Object ?? [:]
        change(&ledger)
        part["ledger"] = ledger
        return part
      }
    }
  }

  @Test func `a million shards of which one is there are said in a line`() throws {
    let result = run(["report", try record(shards: 1_000_000, parts: 1)])
    #expect(result.code == .unhealthy)
    #expect(result.error.isEmpty)
    #expect(result.out.last == "not complete: shards 2-1000000 of 1000000 missing")
  }

  @Test func `counts that no sum could hold are one line and 65`() throws {
    for cases in [1 << 40, Int.max] {
      let path = try record(shards: 33_000, parts: 33_000) { ledger in
        for key in ["tallies", "resemblances", "reduced"] { ledger[key] = [Object]() }
        ledger["coverage"] = ["cases": cases, "labels": Object()] as Object
        ledger["cases"] = cases
      }
      for words in [["report", path], ["merge-reports", path, "--to", folder.path(of: "merged.json")]] {
        let result = run(words)
        #expect(result.code == .badFile)
        #expect(result.error.count == 1)
        #expect(result.error.first?.contains("is no record of a run: ") == true)
      }
    }
  }

  @Test func `no part of a ledger counts more than its cases`() throws {
    func check(_ change: (inout Object) -> Void) throws {
      let result = run(["report", try record(shards: 1, parts: 1, change)])
      #expect(result.code == .badFile)
      #expect(result.error.first?.contains("its parts contradict its plan") == true)
    }
    try check { $0["failures"] = ["mine wrong formula forward": 4] }
    for (key, count) in [("agrees", 4), ("failed", -1), ("otherRefusals", Int.max)] {
      try check { ledger in
        var tallies = ledger["tallies"] as? [Object] ?? []
        tallies[0][key] = count
        ledger["tallies"] = tallies
      }
    }
    for key in ["checked", "violated", "asked", "refusals"] {
      try check { ledger in
        var tallies = ledger["tallies"] as? [Object] ?? []
        tallies[0][key] = ["y": 1 << 62]
        ledger["tallies"] = tallies
      }
    }
  }

  @Test func `the record that was not changed is read`() throws {
    let result = run(["report", try record { _ in }])
    #expect(result.code == .nothing)
    #expect(result.error.isEmpty)
  }
}
