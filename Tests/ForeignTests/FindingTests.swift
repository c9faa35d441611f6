import Foreign
import Generator
import Oracle
import Testing

/// What a run makes of workers at fault.
@Suite struct FindingTests {
  @Test func `an honest worker raises no alarm`() throws {
    let summary = try HonestWorker().run(cases: 60)
    #expect(summary.findings.isEmpty, "\(summary.findings.map(\.finding))")
    let tally = try #require(summary.tallies.first)
    #expect(tally.agrees > 10 && tally.agrees + tally.refused == 60)
  }

  @Test(arguments: [
    ("exits at the third problem", "n == 3 and sys.exit(3)", "exited with status 3"),
    ("killed by a signal", "n == 3 and os.kill(os.getpid(), signal.SIGKILL)", "killed by signal 9"),
    (
      "a header of 2^62 bytes", "n == 3 and replies.write(struct.pack('<Q', 2**62))",
      "claims 4611686018427387904"
    ),
    ("prints once", "n == 3 and print('hello', flush=True)", "fresh process answers"),
    ("prints always", "print('hello', flush=True)", "is no frame"),
    (
      "the previous tensors", "kept['new'], results = results, kept.get('new', results)",
      "a fresh process answers the same problem"
    ),
    ("NaN everywhere", "results = {m: (s, [math.nan] * len(t)) for m, (s, t) in results.items()}", "is NaN"),
    ("a transposed shape", "results['state_out'] = ([B, 1, K, V], S)", "has shape"),
    ("an error", "reply['error'] = 'Overflow in line %d' % n; results = {}", "Overflow in line"),
  ])
  func `a worker at fault is one finding, and the run goes on`(name: String, fault: String, words: String)
    throws
  {
    // So many that a shape comes again.
    let summary = try HonestWorker(fault).run(cases: 60)
    #expect(summary.cases == 60)
    let findings = summary.findings.map(\.finding)
    #expect(findings.count == 1, "\(findings.map { "\($0.recipe): \($0.why)" })")
    let tally = try #require(summary.tallies.first)
    #expect(tally.failed + tally.disagrees > 0)
    let sentence = summary.findings.first.map { Report.details($0).joined(separator: " ") } ?? ""
    #expect(sentence.contains(words), "\(sentence)")
  }

  /// A property asks a shape again within one case, which then shows the fault by itself.
  @Test func `what is left where a shape comes again is found by later cases, or by a property`() throws {
    let fault =
      "old = kept.get(T); kept[T] = results; results = old if old and old['y'][0] == results['y'][0] else results"
    let summary = try HonestWorker(fault).run(cases: 60)
    #expect(summary.cases == 60)
    let sentences = summary.findings.map { Report.details($0).joined(separator: " ") }
    #expect(!sentences.isEmpty)
    for sentence in sentences {
      #expect(
        sentence.contains("something is left of earlier ones") || sentence.contains("violates property"),
        "\(sentence)")
    }
  }

  @Test func `a worker that hangs is one finding, and refused in the end`() throws {
    var patience = Program.Patience()
    (patience.problem, patience.losses) = (.milliseconds(300), 16)
    let summary = try HonestWorker("time.sleep(600)").run(cases: 30, patience)
    #expect(summary.cases == 30 && summary.findings.count == 1)
    #expect(try #require(summary.tallies.first).refusals.keys.contains { $0.contains("given up") })
  }
}

/// What a finding in a worker is taken for.
@Suite struct ExplanationTests {
  @Test func `a finding in a worker is explained`() throws {
    let worker = try HonestWorker("t = 2 * V; y[t:] = [2 * a for a in y[t:]]")
    let program = Program(name: "faulty", command: worker.command)
    let recipe = try Recipe("v1/B1-T4-Hk1-Hv1-Dk2-Dv3/keys=random/decay=-0.1/write=0.5/f32/seed=1")
    let explanation = try #require(try Explanation(recipe, program))
    #expect(explanation.firstOutput?.t == 2)
    #expect(explanation.firstOutput?.quantity == .y)
    #expect(explanation.firstGradient == nil)
    #expect(explanation.cause.text.hasPrefix("y is scaled: 2 times") && !explanation.cause.isLikely)
  }

  /// It is judged by what it declares for inputs of this format, in the verdict and in the explanation alike.
  @Test func `what rounding is declared to do departs from nothing`() throws {
    let worker = try HonestWorker("pass")
    let program = Program(name: "honest", command: worker.command)
    let recipe = try Recipe("v1/B1-T4-Hk1-Hv1-Dk2-Dv3/keys=random/decay=-0.1/write=0.5/f32/seed=1")
    #expect(try Explanation(recipe, program) == nil)
  }
}
