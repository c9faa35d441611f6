import Foundation
import GatedDeltaRule
import Generator
import Implementations
import Oracle
import Support
import Testing
import gdr

/// Right but where a case says so: the recipe is in the request.
private struct Fragile: Implementation {
  let name = "fragile"
  let base: any Implementation
  var declaration: Declaration {
    var declaration = base.declaration
    declaration.offersDouble = false
    return declaration
  }
  /// Whether it is wrong on a recipe.
  var isWrong: @Sendable (Recipe) -> Bool = { _ in false }
  var refuses: @Sendable (Problem) -> Bool = { _ in false }

  init() { base = Registry.named("sequential")! }

  func refusal(of problem: Problem) -> String? { refuses(problem) ? "too long" : nil }

  func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
    var answer = try base.evaluate(problem, request: request)
    if isWrong(try Recipe(request.recipe ?? "")), let y = answer.results[.y] {
      answer.results[.y] = Tensor(shape: y.shape, values: y.values.map { $0 + 1 })
    }
    return answer
  }
}

@Suite final class MapTests {
  let folder = TemporaryFolder()

  func map(
    _ words: [String], _ implementations: [any Implementation] = Registry.all
  ) -> (code: ExitCode, out: [String], error: [String]) {
    run(["map"] + words + ["--to", folder.path], implementations: implementations)
  }

  func sheet() throws -> MapSheet { try MapSheet(contentsOf: folder.path(of: "map.json")) }

  func line(_ axis: String) throws -> MapLine { try #require(try sheet().lines.first { $0.axis == axis }) }

  @Test func `what is built in with sub-blocks of 32 is wrong near equal keys and agrees far from them`()
    throws
  {
    let result = map(["chunked-sb32", "--quick"])
    #expect(result.code == .nothing, "\(result.error)")
    #expect(result.out.allSatisfy { $0.count <= 80 || $0.hasSuffix("are written") }, "\(result.out)")
    let angle = try line("angle")
    #expect(angle.cells.first?.grade == .disagrees)
    #expect(angle.cells.last?.agrees == true)
    guard case .from(let value) = angle.agrees else {
      Issue.record("\(angle.agrees)")
      return
    }
    #expect(value > 5 && value < 60)
    let row = try #require(result.out.first { $0.hasPrefix("  angle of keys") })
    #expect(row.contains("agrees from \(Int(value)) degrees on"))
    let picture = try String(contentsOfFile: folder.path(of: "map.svg"), encoding: .utf8)
    #expect(picture.hasPrefix("<svg") && picture.contains("Where chunked-sb32 is safe"))
  }

  @Test func `what is accurate is so everywhere`() throws {
    let result = map(["sequential", "--quick"])
    #expect(result.code == .nothing)
    let sheet = try sheet()
    #expect(sheet.lines.map(\.agrees) == [.everywhere, .everywhere, .everywhere, .everywhere])
    #expect(sheet.planes.allSatisfy { $0.cells.allSatisfy { $0.allSatisfy(\.agrees) } })
    #expect(result.out.count { $0.hasSuffix("agrees everywhere") } == 4)
  }

  @Test func `what takes the model level alone is mapped there`() throws {
    var fragile = Fragile()
    fragile.refuses = { $0.level == .core }
    let result = map(["fragile", "--quick"], [fragile])
    #expect(result.code == .nothing, "\(result.error)")
    #expect(try sheet().level == "model")
    #expect(try sheet().lines.map(\.agrees) == [.everywhere, .everywhere, .everywhere, .everywhere])
    #expect(result.out[0].contains("model level"))
  }

  @Test func `what takes a decay a key channel alone is mapped so`() throws {
    let result = map(["chunked-kda", "--quick"])
    #expect(result.code == .nothing, "\(result.error)")
    #expect(result.out[0].contains("a decay per channel"))
    #expect(try line("decay").agrees == .everywhere && line("decay").cells.last?.place.g == 0)
  }

  @Test func `an island of wrong places is no sea`() throws {
    var fragile = Fragile()
    fragile.isWrong = { (31...33).contains($0.T) }
    #expect(map(["fragile", "--quick"], [fragile]).code == .nothing)
    #expect(try line("tokens").sentence.hasSuffix("wrong here and there beyond"))
  }

  /// The worker answers the hello, and nothing after it.
  @Test func `a name beside a worker must be that of the worker`() throws {
    let hello = "{\"__metadata__\":{\"id\":\"1\"}}"
    let length = String(hello.utf8.count, radix: 8)
    let script = "printf '\\0\(length)\\0\\0\\0\\0\\0\\0\\0\(hello)'\ncat > /dev/null\n"
    let worker = folder.path(of: "worker.sh")
    try Data(script.utf8).write(to: URL(filePath: worker))
    let result = run(
      ["map", "sequential", "--against", "mine=sh \(worker)"], implementations: Registry.all)
    #expect(result.code == .usage)
    #expect(result.error == ["gdr: 'sequential' is not a worker of --against: there is mine"])
  }

  @Test func `beta above 1 has its columns, and every line fits a terminal`() throws {
    let result = map(["sequential", "--wide", "--cases", "1"])
    #expect(result.code == .nothing, "\(result.error)")
    #expect(result.out.allSatisfy { $0.count <= 80 || $0.hasSuffix("are written") }, "\(result.out)")
    #expect(try line("beta").cells.map(\.place.beta).prefix(3) == [2, 1.5, 1.2])
    #expect(try sheet().planes[0].columnValues.contains(2))
  }

  @Test func `an edge is found where it is`() throws {
    var fragile = Fragile()
    fragile.isWrong = { recipe in
      let angle: Double
      switch recipe.keys {
      case .cone(let degrees): angle = degrees
      default: angle = 0
      }
      guard case .constant(let beta) = recipe.write, case .constant(let decay) = recipe.decay else {
        return false
      }
      return angle < 23 && beta > 0.87 && decay > -0.2 && recipe.T > 20
    }
    let result = map(["fragile", "--quick"], [fragile])
    #expect(result.code == .nothing, "\(result.error)")
    for (axis, least, most) in [
      ("angle", 23.0, 24.0), ("beta", 0.85, 0.87), ("decay", 0.79, 0.8188), ("tokens", 20.0, 20.0),
    ] {
      let line = try line(axis)
      guard case .from(let value) = line.agrees else {
        Issue.record("\(axis): \(line.agrees)")
        return
      }
      #expect((least...most).contains(value), "\(axis): \(value)")
      #expect(line.isNotWrong == line.agrees, "\(axis)")
      // The grid, refined, says the same.
      let edge = try #require(line.cells.firstIndex { $0.agrees })
      #expect(
        line.cells[..<edge].allSatisfy(\.isWrong) && line.cells[edge...].allSatisfy(\.agrees), "\(axis)")
    }
    #expect(
      result.out.contains { $0.hasPrefix("  tokens T") && $0.hasSuffix("agrees up to T = 20, wrong beyond") })
  }

  @Test func `what is refused is not evaluated, and no place of it is safe`() throws {
    var fragile = Fragile()
    fragile.refuses = { $0.shape.T > 40 }
    let result = map(["fragile", "--quick"], [fragile])
    #expect(result.code == .nothing, "\(result.error)")
    let tokens = try line("tokens")
    #expect(tokens.agrees == .from(40))
    #expect(tokens.cells.filter { $0.place.T > 40 }.allSatisfy { !$0.isEvaluated && !$0.agrees })
    #expect(tokens.sentence.contains("agrees up to T = 40") && tokens.sentence.contains("not evaluated"))
    #expect(result.out.contains { $0.hasPrefix("not evaluated, ") && $0.hasSuffix(": too long") })
    // The T that matters is one that is evaluated.
    #expect(try sheet().corner.T <= 40)
  }

  @Test func `what refuses everything, or has no time, is 65 and one line`() {
    var fragile = Fragile()
    fragile.refuses = { _ in true }
    for (words, reason) in [
      (["fragile", "--quick"], "too long"), (["fragile", "--for", "0.000001s"], "the time was over"),
    ] {
      let result = run(["map"] + words, implementations: [fragile])
      #expect(result.code == .badFile)
      #expect(result.error == ["gdr: nothing was evaluated of fragile: \(reason)"])
    }
  }

  @Test(
    arguments: [
      ["nobody"], ["sequential", "chunked"], ["--cases", "0"], ["--for", "soon"],
      ["--families", "Hk1-Hv1-Dk8-Dv8/f32,Hk1-Hv1-Dk4-Dv4/f32"],
    ])
  func `what is no map is one line and 64`(words: [String]) {
    let result = run(["map"] + words, implementations: Registry.all)
    #expect(result.code == .usage)
    #expect(result.error.count == 1, "\(result.error)")
  }

  @Test func `a map stands in the page of a run`() throws {
    let (record, page) = (folder.path(of: "run.json"), folder.path(of: "a.html"))
    let fuzz = run(
      [
        "fuzz", "--cases", "2", "--size", "small", "--seed", "5", "--only", "sequential", "--corpus",
        folder.path(of: "corpus"), "--report", record,
      ], implementations: Registry.all)
    #expect(fuzz.code == .nothing || fuzz.code == .unhealthy, "\(fuzz.error)")
    #expect(map(["sequential", "--quick"]).code == .nothing)
    let report = run(["report", record, "--html", page, "--map", folder.path])
    #expect(report.code == .nothing, "\(report.error)")
    let html = try String(contentsOfFile: page, encoding: .utf8)
    #expect(html.contains("Where your kernel is safe") && html.contains("agrees everywhere"))
    try Data("{}".utf8).write(to: URL(filePath: folder.path(of: "no.json")))
    #expect(run(["report", record, "--html", page, "--map", folder.path(of: "no.json")]).code == .badFile)
  }
}
