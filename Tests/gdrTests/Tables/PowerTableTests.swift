import Foundation
import Support
import Testing
import gdr

/// `gdr power`, on a few small cases.
@Suite struct PowerTableTests {
  private static let words = ["power", "--cases", "2", "--size", "small", "--inputs", "bf16"]

  @Test func `every line fits a terminal, and every result has a row`() throws {
    let folder = TemporaryFolder()
    let csv = "\(folder.path)/power.csv"
    let result = run(Self.words + ["--csv", csv, "--to", folder.path])
    #expect(result.code == .nothing, "\(result.error)")
    #expect(result.out.allSatisfy { $0.count <= 80 || $0.hasSuffix("is written") }, "\(result.out)")
    #expect(result.out.count { $0.hasPrefix("bf16, ") } == 2)
    for name in ["y ", "state ", "dq ", "dstate "] {
      #expect(result.out.count { $0.hasPrefix(name) } == 2, "\(name)")
    }
    let rows = try String(contentsOfFile: csv, encoding: .utf8).split(separator: "\n")
    #expect(rows.first == "format,form,result,extent,over,fault,by,cases,exact_cases")
    #expect(rows.contains { $0.hasPrefix("bf16,chunked,y,all,run of 200,") })
    let picture = try String(contentsOfFile: "\(folder.path)/power.svg", encoding: .utf8)
    #expect(picture.hasPrefix("<svg") && picture.contains("bf16, chunked"))
  }

  @Test func `the number of jobs changes nothing`() {
    #expect(run(Self.words + ["--jobs", "1"]).out == run(Self.words + ["--jobs", "3"]).out)
  }

  @Test func `a format that there is not is one line and 64`() {
    let result = run(["power", "--inputs", "f8"])
    #expect(result.code == .usage)
    #expect(result.error.count == 1)
  }
}
