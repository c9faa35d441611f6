import Foreign
import GatedDeltaRule
import Generator
import Implementations
import Mutants
import Oracle
import Support
import Testing

/// The one who judges sets the law; and beside what is declared stands the plain one.
@Suite struct LawTests {
  /// Declares bf16 products, as of a chunked kernel, and rounds y to bf16.
  private struct Coarse: Implementation {
    let name = "coarse"
    let base = Registry.named("sequential")!

    var declaration: Declaration {
      var declaration = Declaration(form: .chunked(length: 64), offersDouble: false)
      (declaration.products, declaration.withoutGradients) = (.bf16, [.dq])
      declaration.floor = 2 * Precision.bf16.unitRoundoff
      return declaration
    }

    func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
      var evaluation = try base.evaluate(problem, request: request)
      guard let y = evaluation[.y] else { return evaluation }
      evaluation.results[.y] = Tensor(shape: y.shape, values: y.values.map(Precision.bf16.round))
      return evaluation
    }
  }

  @Test func `a law replaces form, clamp and roundings, and leaves the rest`() throws {
    let law = try Law("chunked:16,products:input,beta:bf16,log:-20")
    let judged = UnderLaw(Coarse(), law)
    let declaration = judged.declaration
    #expect(declaration.form == .chunked(length: 16) && declaration.clamp == .logDecay(floor: -20))
    #expect(declaration.products == .fp32 && declaration.betaPrecision == .bf16)
    #expect(declaration.withoutGradients == [.dq] && declaration.floor == 2 * Precision.fp32.unitRoundoff)
    let half = try Recipe("v1/B1-T2-Hk1-Hv1-Dk1-Dv1/keys=equal/decay=none/write=0.5/bf16/seed=0").render()
    #expect(judged.declaration(for: half).products == .bf16)
  }

  @Test func `a profile keeps the declared form and clamp`() throws {
    let chunked = try #require(Registry.named("chunked"))
    for (name, products) in [
      ("plain", ProductFormat.fp32), ("bf16", .bf16), ("fp16", .fp16), ("tf32", .tf32),
    ] {
      let declaration = UnderLaw(chunked, try Law(name)).declaration
      #expect(declaration.form == chunked.declaration.form && declaration.clamp == chunked.declaration.clamp)
      #expect(declaration.products == products && declaration.promisesBits)
    }
    #expect(UnderLaw(chunked, try Law("sequential")).declaration.clamp == .none)
  }

  @Test(arguments: [
    "", "bf17", "products:fp8", "chunked", "chunked:0", "chunked:8,sequential", "plain,", "log:3",
    "qk:fp64", "chunked:64,products:fp64",
  ])
  func `what is no law is one line`(text: String) {
    let error = #expect(throws: InvalidCase.self) { try Law(text) }
    #expect(error?.description.contains("\n") == false)
  }

  @Test func `what passes by its own law fails by the plain one, and a run says both`() throws {
    var plan = Campaign.Plan.small([Coarse()], seed: 4, cases: 120)
    plan.commands = ["coarse": "a command"]
    let declared = try plan.run()
    #expect(declared.findings.isEmpty)
    let plain = try #require(declared.tallies[0].plain)
    #expect(plain.cases == 120 && plain.fails > 40 && plain.worst > 100)
    let line = "coarse under the plain law (fp32 throughout): \(plain.fails) of 120 fail, worst "
    #expect(Report.lines(declared).contains { $0.hasPrefix(line) })
    #expect(
      declared.healthNotes.contains {
        "\($0)".contains("products:bf16 declared, coarser than inputs in fp32")
      })

    plan.implementations = [UnderLaw(Coarse(), try Law("plain"))]
    plan.law = "plain"
    let judged = try plan.run()
    let found = try #require(judged.findings.first)
    #expect(judged.tallies[0].disagrees > 40 && judged.tallies[0].plain == nil)
    #expect(found.finding.implementation == "coarse")
    #expect(judged.plan.difference(from: declared.plan)?.contains("the law is plain in one") == true)
    #expect(judged.plan.replayFlags(of: "coarse") == "--against 'coarse=a command' --as plain")
  }

  @Test func `who keeps to fp32 agrees under the plain law, whatever it declares`() throws {
    let summary = try Campaign.Plan.small([Specimen.coarseChunk], seed: 4, cases: 120).run()
    let plain = try #require(summary.tallies[0].plain)
    #expect(plain.cases > 80 && plain.fails == 0 && plain.worst <= 1)
  }
}
