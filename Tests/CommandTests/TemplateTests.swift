import Foundation
import Testing
import gdr

@Suite struct TemplateTests {
  @Test func `the Python template is the worker that stands in the repository`() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let file = try String(
      contentsOf: root.appending(path: "Fixtures/workers/numpy_worker.py"), encoding: .utf8)
    let template = try #require(Template.all.first { $0.language == "python" })
    #expect(template.text + "\n" == file)
  }

  @Test(arguments: ["python", "swift", "cpp"])
  func `a worker to begin with is printed`(language: String) {
    let (code, out, _) = run(["init-worker", language])
    #expect(code == .nothing)
    #expect(out.joined().contains("gdr fuzz --against"))
  }
}
