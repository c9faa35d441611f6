import Foreign
import GatedDeltaRule
import Generator
import Oracle
import Support
import Synchronization
import Testing

/// What a hello may say of steps.
private let everything = "packed,padded,verify,undo,fork,snapshots"

/// Workers that take steps.
@Suite struct StepWorkerTests {
  @Test func `a hello says which steps there are`() throws {
    let worker = try HonestWorker(calls: ["calls": "packed,undo", "pool": "kept"])
    let steps = Program(name: "w", command: worker.command).declaration.steps
    #expect(steps == [.packed, .undo, .keptPool] && steps.areAny)
    let plain = try HonestWorker(calls: ["pool": "kept"])
    #expect(!Program(name: "w", command: plain.command).declaration.steps.areAny)
  }

  @Test(arguments: ["returned", "kept"])
  func `the laws of sessions hold for an honest worker, whoever keeps the pool`(pool: String) throws {
    let worker = try HonestWorker(calls: ["calls": everything, "pool": pool])
    let summary = try worker.run(cases: 60, sessions: 1)
    #expect(summary.findings.isEmpty, "\(summary.findings.map { "\($0.finding.recipe): \($0.finding.why)" })")
    let tally = try #require(summary.tallies.first)
    #expect(tally.agrees > 10 && tally.agrees + tally.refused == 60)
  }

  @Test(arguments: [
    ("a verify that writes", "verify", "results['pool'][1][:size(x)] = [7.0] * size(x)", "session-pool"),
    ("a pool that is lost", "advance", "kept.clear()", "KeyError"),
    (
      "NaN everywhere", "advance", "results['y'] = (results['y'][0], [math.nan] * len(results['y'][1]))",
      "NaN"
    ),
    ("no y", "advance", "del results['y']", "no tensor y, which a step that is to advance needs"),
    ("no pool", "keep", "del results['pool']", "no tensor pool, which a step that is to keep needs"),
    ("no history", "verify", "results.pop('history')", "no tensor history"),
    ("half a pool", "fork", "results['pool'] = ([1, 1, 1, 1], [0.0])", "pool has shape [1, 1, 1, 1]"),
    ("another name", "advance", "results['state_out'] = results['pool']", "unknown tensor 'state_out'"),
    ("an error", "keep", "reply['error'] = 'out of slots'; results = {}", "out of slots"),
    ("the end", "advance", "n > 3 and sys.exit(3)", "exited with status 3"),
  ])
  func `a step at fault is found`(name: String, kind: String, fault: String, words: String) throws {
    let worker = try HonestWorker(
      calls: ["calls": everything, "pool": "kept"],
      stepFault: "if step['kind'] == '\(kind)': "
        + fault.replacing("size(x)", with: "math.prod(results['pool'][0][1:])"))
    let summary = try worker.run(cases: 40, sessions: 1)
    let text = summary.findings.flatMap { Report.details($0) }.joined(separator: " ")
    #expect(!summary.findings.isEmpty && text.contains(words), "\(text)")
  }

  @Test func `what is not declared comes in plain calls`() throws {
    let worker = try HonestWorker(
      calls: ["calls": "packed,undo"], stepFault: "reply['error'] = step['kind']; results = {}")
    let program = Program(name: "w", command: worker.command)
    func answer(_ step: Step) throws -> String? {
      do {
        _ = try program.answer(step, request: Request())
        return nil
      } catch { return "\(error)" }
    }
    #expect(try answer(.sample(.advance))?.hasSuffix("error: advance") == true)
    #expect(try answer(.sample(.keep))?.hasSuffix("error: keep") == true)
    #expect(try answer(.sample(.advance, isPadded: true)) == nil)
    #expect(try answer(.sample(.advance, wantsHistory: true)) == nil)
    #expect(try answer(.sample(.verify)) == nil)
    #expect(try answer(.sample(.fork)) == nil)
  }

  @Test func `a pool that the worker keeps is sent only if it is another`() throws {
    let worker = try HonestWorker(
      calls: ["calls": "packed", "pool": "kept"],
      stepFault: "results['y'] = (results['y'][0], [float('pool' in x)] * len(results['y'][1]))")
    let program = Program(name: "w", command: worker.command)
    var step = try Step.sample(.advance)
    func isSent() throws -> Bool {
      let answer = try program.answer(step, request: Request())
      step.pool = answer.pool
      return answer.y!.values[0] == 1
    }
    #expect(try isSent())
    #expect(try !isSent())
    // The sign of a zero, which a fresh row without tokens leaves, is a bit as well.
    step.pool.values[0] = -0.0
    #expect(try isSent())
    #expect(try !isSent())
    program.startAfresh()
    #expect(try isSent())
  }

  @Test func `a process that is lost in a session is replaced by one that gets the pool`() throws {
    let worker = try HonestWorker(
      calls: ["calls": "packed", "pool": "kept"], stepFault: "n == 3 and sys.exit(3)")
    let program = Program(name: "w", command: worker.command)
    var step = try Step.sample(.advance)
    for _ in 0..<2 { step.pool = try program.answer(step, request: Request()).pool }
    do {
      _ = try program.answer(step, request: Request())
      Issue.record("it was not lost")
    } catch let breakdown as Breakdown {
      #expect(breakdown.description.contains("a fresh process answers the same problem"))
    }
    #expect(try program.answer(step, request: Request()).pool.shape == step.pool.shape)
  }

  @Test func `conformance asks each declared step, and says what is wrong with it`() throws {
    func checks(_ calls: [String: String], _ fault: String = "pass") throws -> [Conformance.Check] {
      let worker = try HonestWorker(calls: calls, heads: 2, stepFault: fault)
      return Conformance(command: worker.command).steps
    }
    let all = ["calls": everything, "pool": "kept"]
    let honest = try checks(all)
    for question in [
      "takes packed rows", "takes padded rows with snapshots", "verifies packed rows", "verifies padded rows",
      "keeps the first tokens", "copies a slot", "keeps the pool",
    ] {
      #expect(honest.contains { $0.question == question && $0.outcome == .passed("") }, "\(honest)")
    }
    #expect(try !checks(["calls": "fork"]).contains { $0.question.contains("rows") })
    for (fault, words) in [
      ("step['kind'] == 'verify' and results['pool'][1].__setitem__(0, 7.0)", "a verify changes none"),
      ("step['kind'] == 'advance' and results['pool'][1].__setitem__(-1, 7.0)", "is -1 taken for an index?"),
      ("step['kind'] == 'keep' and results['pool'][1].__setitem__(0, 7.0)", "is not state cu_seqlens"),
      (
        "kept[step.get('session')] = [7.0] * len(pool_of(results)), results['pool'][0]",
        "from the pool that it keeps"
      ),
    ] {
      let fault = fault.replacing("pool_of(results)", with: "results['pool'][1]")
      let found = try checks(all, fault)
      #expect(
        found.contains { if case .failed(let text) = $0.outcome { text.contains(words) } else { false } },
        "\(fault): \(found)")
    }
  }

  @Test func `more of the cases are sessions where there is an engine`() throws {
    let engine = try HonestWorker(calls: ["calls": "packed"])
    let plain = try HonestWorker()
    let programs = [engine.command, plain.command].map { Program(name: "w", command: $0) }
    #expect(Profile.small.sessionShare(against: programs) == Profile.engineSessionShare)
    #expect(Profile.small.sessionShare(against: [programs[1]]) == Profile.usualSessionShare)
  }
}

/// The other side of the pipe.
@Suite struct ResponderTests {
  /// A kernel behind the frames of steps.
  private final class OverTheWire: Implementation {
    let kernel: RuleKernel
    let responder: Mutex<Responder>
    let asked = Mutex<[String: Int]>([:])

    init(_ kernel: RuleKernel) {
      self.kernel = kernel
      responder = Mutex(Responder(kernel))
    }

    var name: String { kernel.name }
    var declaration: Declaration { kernel.declaration }

    func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
      kernel.evaluate(problem, request: request)
    }

    func answer(_ step: Step, request: Request) throws -> StepAnswer {
      asked.withLock { $0[step.kind.rawValue + (step.isPadded ? ", padded" : ""), default: 0] += 1 }
      var frame = Frame(step)
      frame.metadata["arithmetic"] = request.arithmetic.rawValue
      let bytes = frame.encoded()
      let reply = try responder.withLock { try $0.reply(to: Frame(decoding: bytes)).encoded() }
      return try StepAnswer(frame: Frame(decoding: reply), to: step, arithmetic: request.arithmetic)
    }
  }

  @Test(arguments: ["plain", "qk=l2norm:1e-6,scale=rsqrt,decay=log,layout=kv,state=bf16"])
  func `the laws of sessions hold over the wire`(contract: String) throws {
    let kernel = OverTheWire(RuleKernel(try Contract(contract)))
    var plan = Campaign.Plan.small([kernel], seed: 4, cases: 150)
    plan.profile.contracts = .one(kernel.kernel.contract)
    (plan.profile.exactShare, plan.profile.sessionShare) = (0, 1)
    let summary = try plan.run()
    let tally = try #require(summary.tallies.first)
    #expect(tally.agrees == 150, "\(summary.findings.map(\.sentence))")
    let asked = kernel.asked.withLock { $0 }
    #expect(
      Set(asked.keys) == ["advance", "advance, padded", "verify", "verify, padded", "keep", "fork"],
      "\(asked)")
  }

  @Test func `a hello has every item of a declaration`() throws {
    var kernel = PlainKernel()
    kernel.declaration.steps = [.packed, .verify, .snapshots, .keptPool]
    let hello = try Responder(kernel).reply(to: Frame(metadata: ["request": "hello", "id": "1"]))
    #expect(hello.metadata["calls"] == "packed,verify,snapshots" && hello.metadata["pool"] == "kept")
    #expect(hello.metadata["id"] == "1")
    kernel.declaration.steps = []
    let plain = try Responder(kernel).reply(to: Frame(metadata: ["request": "hello"]))
    #expect(plain.metadata["calls"] == nil && plain.metadata["pool"] == nil)
  }

  private struct PlainKernel: Implementation {
    let name = "plain"
    var declaration = Declaration(offersDouble: false)
    func evaluate(_ problem: Problem, request: Request) throws -> Evaluation { Evaluation(results: [:]) }
  }
}
