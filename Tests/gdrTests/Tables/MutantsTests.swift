import Foundation
import Support
import Testing
import gdr

/// `gdr mutants`, on a few of them.
@Suite struct MutantsTests {
  @Test func `an unknown mutant is one line and 64`() {
    let result = run(["mutants", "--only", "chunk/tie-is-zro"])
    #expect(result.code == .usage)
    #expect(
      result.error == [
        "gdr: no mutant and no class is called 'chunk/tie-is-zro'; did you mean 'chunk/tie-is-zero'?"
      ])
  }

  @Test func `a table says what drawing a test oftener, or more rarely, does to the time`() throws {
    let result = run(["mutants", "--only", "fused/output-cached", "--shares", "--jobs", "1"])
    #expect(result.code == .nothing)
    let prefix = try #require(result.out.first { $0.contains(" prefix ") || $0.hasPrefix("prefix ") })
    let changes = prefix.matches(of: /(-?[0-9.]+) %/).compactMap { Double($0.output.1) }
    #expect(changes.count == 3)
    #expect(result.out.contains { $0.contains("fp64") })
    #expect(result.out.last?.hasPrefix("until each is caught once: ") == true)
    let both = run(["mutants", "--shares", "--quick"])
    #expect(both.code == .usage && both.error == ["gdr: --shares and --quick exclude each other"])
  }

  @Test func `mutants are caught, clean specimens are not, and a table says so`() {
    let result = run(["mutants", "--only", "chunk/tie-is-zero,fused/output-cached", "--seeds", "2"])
    #expect(result.code == .nothing)
    #expect(result.out.contains { $0.hasPrefix("chunk/tie-is-zero") && $0.contains("2/2") })
    #expect(
      result.out.contains { $0.contains("v1/B1-T2-Hk1-Hv1-Dk1-Dv1/keys=equal/decay=none/write=0/f32/seed=0") }
    )
    #expect(result.out.contains { $0.hasPrefix("in bf16, no fp64 ") })
    #expect(result.out.contains { $0.hasPrefix("chunk ") && $0.contains(" 2/2 ") })
    #expect(result.out.last?.hasPrefix("2 of 2 mutants caught from each of 2 seeds") == true)
  }

  @Test func `the number of jobs changes nothing but the seconds`() throws {
    let folder = TemporaryFolder()
    let tables = try [1, 3].map { jobs in
      let path = "\(folder.path)/\(jobs).csv"
      let result = run([
        "mutants", "--only", "chunk/doubling-short,chunk/future-visible,sequential/beta-bf16", "--seeds", "2",
        "--jobs", "\(jobs)", "--csv", path, "--quick",
      ])
      #expect(result.code == .nothing)
      return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map { line in
        line.split(separator: ",", omittingEmptySubsequences: false).enumerated()
          .filter { ![9, 10].contains($0.offset) }.map(\.element)
      }
    }
    #expect(tables[0].count == 4)
    #expect(tables[0] == tables[1])
    #expect(tables[0][0].starts(with: ["mutant", "class", "fault"]))
  }
}
