import Foundation
import Generator
import Implementations
import Support
import Testing
import gdr

/// A case as a Python program.
@Suite struct ReproTests {
  private static let small = "v1/B2-T5-Hk1-Hv2-Dk3-Dv2/state=random/mask=left:1/pad=nan/f32/seed=5"

  private func script(_ words: [String]) -> String {
    let result = run(["repro"] + words, implementations: Registry.all)
    #expect(result.code == .nothing, "\(result.error)")
    return result.out.joined(separator: "\n")
  }

  @Test(arguments: ["torch", "numpy", "mlx"])
  func `one file holds the case, what is expected and what is allowed`(framework: String) throws {
    let text = script([Self.small, "--for", framework])
    #expect(text.hasPrefix("#!/usr/bin/env python3"))
    #expect(text.contains("def kernel(q, k, v, g, beta, state, mask):"))
    #expect(text.contains(try Recipe(Self.small).text))
    for word in ["@TITLE@", "@LOADING@", "@IMPORTS@", "#if", "#endif"] { #expect(!text.contains(word)) }
    #expect(text.contains("import torch") == (framework == "torch"))
    #expect(text.contains("nan") && text.contains("\"dstate_in\": np."))
  }

  @Test func `python reads it`() throws {
    let folder = TemporaryFolder()
    for framework in ["torch", "numpy", "mlx"] {
      let path = folder.path + "/\(framework).py"
      #expect(
        run(["repro", Self.small, "--for", framework, "--to", path], implementations: Registry.all).code
          == .nothing)
      let python = Process()
      python.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      python.arguments = ["python3", "-c", "import ast, sys; ast.parse(open(sys.argv[1]).read())", path]
      try python.run()
      python.waitUntilExit()
      #expect(python.terminationStatus == 0, "\(framework)")
    }
  }

  @Test func `a case that gives log g becomes a script that gives g, and says so`() {
    let asked = Self.small.replacingOccurrences(of: "/f32", with: "/contract=decay=log/f32")
    let result = run(["repro", asked], implementations: Registry.all)
    #expect(result.code == .nothing && result.error.count == 1, "\(result.error)")
    #expect(result.out.joined().contains("\"g\": np.") && !result.out.joined().contains("decay=log"))
  }

  @Test func `many numbers lie beside it`() throws {
    let folder = TemporaryFolder()
    let large = "v1/B2-T70-Hk2-Hv4-Dk8-Dv8/model/f32/seed=5"
    let refused = run(["repro", large], implementations: Registry.all)
    #expect(refused.code == .badFile && refused.error.joined().contains("--to FILE.py writes two"))
    let path = folder.path + "/case.py"
    let written = run(["repro", large, "--to", path], implementations: Registry.all)
    #expect(written.code == .nothing)
    #expect(FileManager.default.fileExists(atPath: folder.path + "/case.safetensors"))
    #expect(try String(contentsOfFile: path, encoding: .utf8).contains("\"case.safetensors\""))
  }

  @Test(arguments: [
    ["v1/B1-T3-Hk1-Hv1-Dk2-Dv2/contract=qk=l2norm:1e-6/f32/seed=1"],
    ["v1/B1-T3-Hk1-Hv1-Dk2-Dv2/calls=prefill:3/f32/seed=1"],
    ["v1/B1-T3-Hk1-Hv1-Dk2-Dv2/f32/seed=1", "--for", "fortran"],
    ["v1/B1-T3-Hk1-Hv1-Dk2-Dv2/f32/seed=1", "--as", "bf17"],
    ["no recipe"],
  ])
  func `what no script holds is refused in a line`(words: [String]) {
    let result = run(["repro"] + words, implementations: Registry.all)
    #expect(result.code == .badFile || result.code == .usage)
    #expect(result.out.isEmpty && result.error.count == 1)
  }
}
