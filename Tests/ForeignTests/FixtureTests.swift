import Foreign
import Foundation
import GatedDeltaRule
import Testing

@Suite struct FixtureTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Fixtures")
    .standardized.path

  @Test func `every fixture is a case with recorded results, and survives a round trip`() throws {
    let names = try #require(FileManager.default.enumerator(atPath: Self.folder)).compactMap { $0 as? String }
    let files = names.filter { $0.hasSuffix(".safetensors") }
    #expect(files.count >= 50)
    for file in files {
      let frame = try Frame(contentsOf: "\(Self.folder)/\(file)")
      let problem = try Problem(frame: frame)
      let recorded = try Recorded(frame: frame, for: problem)
      #expect(recorded.evaluation[.y] != nil, "\(file)")
      #expect(recorded.evaluation[.stateOut] != nil, "\(file)")
      #expect(recorded.name.contains("."), "\(file) names no version")
      #expect(try Frame(decoding: frame.encoded()) == frame, "\(file)")
    }
  }
}
