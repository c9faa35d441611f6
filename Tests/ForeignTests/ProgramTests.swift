import Foreign
import Foundation
import GatedDeltaRule
import Machine
import Support
import Synchronization
import Testing

@Suite struct ProgramTests {
  @Test func `a worker that behaves is evaluated`() throws {
    let worker = try FaultyWorker("pass")
    let program = worker.program()
    #expect(program.failure == nil && program.refusal == nil)
    let evaluation = try program.evaluate(.zeros(), request: Request())
    #expect(evaluation[.y] == Tensor(shape: [1, 2, 1, 3]))
    #expect(evaluation[.dq] == nil)
  }

  @Test func `the hello declares form, clamp, roundings and double`() throws {
    let worker = try FaultyWorker(
      "reply |= {'form': 'chunked:64', 'clamp': 'log:-20', 'roundings': 'beta:input', 'double': 'yes', 'name': 'x'}"
    )
    let program = worker.program()
    #expect(program.declaration.form == .chunked(length: 64))
    #expect(program.declaration.clamp == .logDecay(floor: -20))
    #expect(program.declaration.offersDouble)
    #expect(program.declaration.betaPrecision == .fp32)
    #expect(program.summary == "x")
  }

  @Test(
    arguments: [
      ("none", []), ("all", [.repetition, .batch, .split, .prefix]), ("split,prefix", [.split, .prefix]),
    ] as [(String, Set<Promise>)])
  func `the hello promises bits`(text: String, promises: Set<Promise>) throws {
    let program = try FaultyWorker("reply['promises'] = '\(text)'").program()
    #expect(program.declaration.promises == promises)
    #expect(try program.declaration(for: .zeros()).promises == promises)
    #expect(!program.declaration.promisesBits)
  }

  @Test func `a worker is asked for its contract in its own spelling`() throws {
    let spelling = "scale=1.0,qk=l2norm:1e-3"
    let worker = try FaultyWorker(
      "reply['contract'] = '\(spelling)'\nif n > 0 and metadata['contract'] != '\(spelling)': reply['error'] = 'no'"
    )
    var problem = try Problem.zeros()
    problem = try Problem(
      shape: problem.shape, primals: problem.primals, cotangents: problem.cotangents,
      contract: Contract(spelling))
    #expect(try worker.program().breakdown(problem) == nil)
  }

  @Test func `a worker without its library refuses everything in one line`() throws {
    let worker = try FaultyWorker("reply['refusal'] = 'No module named\\n torch'")
    let program = worker.program()
    #expect(try program.refusal(of: .zeros()) == "No module named torch")
  }

  @Test(arguments: [
    ("if n == 3: sys.stderr.write('so it goes'); sys.exit(3)", "exited with status 3; it said: so it goes"),
    ("if n == 3: os.kill(os.getpid(), signal.SIGKILL)", "killed by signal 9"),
    ("if n == 3: print('hello', flush=True)", "is no frame"),
    (
      "if n == 3: replies.write(struct.pack('<Q', 2**62)); replies.flush()",
      "claims 4611686018427387904 bytes"
    ),
    ("if n == 3: reply['id'] = str(int(reply['id']) - 1)", "has id '3', the request had '4'"),
    ("if n == 3: reply.pop('id')", "has no id"),
    (
      "if n == 3: t = b'{\"y\":{\"dtype\":\"F32\",\"shape\":[99999999],\"data_offsets\":[0,399999996]}}'; "
        + "replies.write(struct.pack('<Q', len(t)) + t); replies.flush()", "claims 399999996 bytes of values"
    ),
  ])
  func `a worker that fails once is replaced, and what went before is blamed`(
    fault: String, words: String
  ) throws {
    let worker = try FaultyWorker(fault)
    let program = worker.program()
    for _ in 0..<2 { #expect(try program.breakdown(.zeros()) == nil) }
    let breakdown = try #require(try program.breakdown(.zeros()))
    #expect(breakdown.description.contains(words))
    #expect(breakdown.description.contains("a fresh process answers the same problem"))
    #expect(!breakdown.isRepeatable)
    #expect(try program.breakdown(.zeros()) == nil)
  }

  @Test func `the previous problem's tensors are no answer`() throws {
    let worker = try FaultyWorker("kept['new'], results = results, kept.get('new', results)")
    let program = worker.program()
    #expect(try program.breakdown(.zeros(T: 2)) == nil)
    let breakdown = try #require(try program.breakdown(.zeros(T: 5)))
    #expect(breakdown.description.contains("has shape [1, 2, 1, 3], expected [1, 5, 1, 3]"))
    #expect(!breakdown.isRepeatable)
  }

  @Test func `a transposed state fails the problem, every time, and costs no process`() throws {
    let worker = try FaultyWorker(
      "if results: results['state_out'] = results['state_out'][:2] + [Dk, shapes['v'][3]]")
    let program = worker.program()
    for _ in 0..<3 {
      let breakdown = try #require(try program.breakdown(.zeros()))
      #expect(breakdown.description.contains("state_out has shape [1, 1, 2, 3], expected [1, 1, 3, 2]"))
      #expect(breakdown.isRepeatable)
    }
  }

  @Test func `NaN comes through as NaN`() throws {
    let worker = try FaultyWorker("value = math.nan")
    let evaluation = try worker.program().evaluate(.zeros(), request: Request())
    #expect(evaluation[.y]?.values.allSatisfy(\.isNaN) == true)
  }

  @Test func `a worker that hangs is given up after its deadline, and after too many losses altogether`()
    throws
  {
    let worker = try FaultyWorker("if n > 0: time.sleep(600)")
    var patience = Program.Patience()
    (patience.problem, patience.losses) = (.milliseconds(200), 16)
    let program = worker.program(patience)
    for _ in 0..<2 {
      let breakdown = try #require(try program.breakdown(.zeros()))
      #expect(breakdown.description.contains("no reply within 0.2 s"))
    }
    #expect(throws: Refusal.self) { try program.evaluate(.zeros(), request: Request()) }
  }

  @Test func `an error is a finding and costs no process`() throws {
    let worker = try FaultyWorker("if n == 1: reply['error'] = 'Overflow'; results = {}")
    let program = worker.program()
    #expect(try program.breakdown(.zeros())?.description == "the worker reports an error: Overflow")
  }

  @Test(arguments: [
    ("form", "chunked:9223372036854775807", "expected sequential or chunked:LENGTH"),
    ("form", "chunked:99999999999999999999", "expected sequential or chunked:LENGTH"),
    ("clamp", "decay:1e400", "expected none, decay:FLOOR with"),
    ("clamp", "log:nan", "expected none, decay:FLOOR with"), ("double", "1", "expected yes or no"),
    ("roundings", "beta:fp8", "expected a list"), ("roundings", "bta:bf16", "expected a list"),
    ("roundings", "beta:bf16,beta:fp16", "expected a list"),
    ("roundings", "qk:fp64", "expected a list"), ("roundings", "beta:bf16,products:fp64", "expected a list"),
    ("promises", "always", "expected none, all or a list of"),
    ("promises", "repetition,", "expected none, all or a list of"),
    ("wy", "both", "expected joined or split"), ("exponents", "", "expected gram or factored"),
    ("system", "qr", "expected inverse, solution or substitution"),
    ("inverse", "lu", "expected rows or powers"),
    ("solve", "fp64", "expected fp32, tf32, bf16, fp16 or input"),
    ("dg", "sum", "expected crossings or cumsum"),
    ("calls", "packed,decode", "expected none or a list of packed, padded, verify, undo, fork, snapshots"),
    ("calls", "", "expected none or a list of"),
    ("processes", "0", "expected a whole number"), ("processes", "many", "expected a whole number"),
    ("operands", "gram,", "expected all, none or a list of gram, wy, output and state"),
  ])
  func `a hello that declares nonsense is one line`(key: String, value: String, words: String) throws {
    let worker = try FaultyWorker("reply['\(key)'] = '\(value)'")
    let failure = try #require(worker.program().failure)
    #expect(failure.contains("metadata '\(key)' is '\(value)', \(words)"))
  }

  @Test(arguments: ["inf", "nan", "-1", "0", "1e300", "soon", "99999999999999999999"])
  func `a time or a size that is none is left aside`(text: String) throws {
    let worker = try FaultyWorker("reply |= {'seconds': '\(text)', 'peak_bytes': '\(text)'}")
    let evaluation = try worker.program().evaluate(.zeros(), request: Request())
    #expect(evaluation.seconds == nil && (evaluation.peakBytes ?? 0) == 0)
  }

  @Test func `a time and a size are taken over`() throws {
    let worker = try FaultyWorker("reply |= {'seconds': '0.25', 'peak_bytes': '1024'}")
    let evaluation = try worker.program().evaluate(.zeros(), request: Request())
    #expect(evaluation.seconds == 0.25 && evaluation.peakBytes == 1024)
  }

  @Test func `what a worker says does nothing to a terminal or a log`() throws {
    let text = "\\n::error::a\\x1b[31m\\x9b31m\\u202eb\\u2028c"
    let worker = try FaultyWorker("if n == 1: reply['error'] = '\(text)'; results = {}")
    let line = try #require(try worker.program().breakdown(.zeros())?.description)
    #expect(line == "the worker reports an error: : :error::a [31m 31m b c")
    let naming = try FaultyWorker("reply['name'] = '\(text)'")
    #expect(naming.program().summary == ": :error::a [31m 31m b c")
  }

  @Test func `many threads have as many workers`() throws {
    let folder = TemporaryFolder()
    // On its first problem each leaves a note and waits for those of the others.
    let worker = try FaultyWorker(
      """
      if n == 1:
          open('\(folder.path)/%d' % os.getpid(), 'w').close()
          while len(os.listdir('\(folder.path)')) < 4: time.sleep(0.01)
      """)
    var patience = Program.Patience()
    patience.problem = .seconds(30)
    let program = worker.program(patience)
    let answers = Mutex<[Int: Int]>([:])
    onThreads(4) { first in
      for T in stride(from: first + 1, through: 24, by: 4) {
        let y = try? program.evaluate(.zeros(T: T), request: Request())[.y]
        answers.withLock { $0[T] = y?.values.count }
      }
    }
    #expect(answers.withLock { $0 } == Dictionary(uniqueKeysWithValues: (1...24).map { ($0, 3 * $0) }))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 4)
  }

  @Test(arguments: [(1, "4"), (nil, "1")] as [(Int?, String)])
  func `of so many processes as may be asked at once none is asked beside them`(
    asked: Int?, declared: String
  ) throws {
    let folder = TemporaryFolder()
    // Two that answer at the same time would meet in the file.
    let worker = try FaultyWorker(
      """
      if n == 0: reply['processes'] = '\(declared)'
      if n > 0:
          os.close(os.open('\(folder.path)/taken', os.O_CREAT | os.O_EXCL))
          time.sleep(0.01)
          os.remove('\(folder.path)/taken')
      """)
    let program = Program(name: "faulty", command: worker.command, processes: asked)
    let answers = Mutex<[Int: Int]>([:])
    onThreads(4) { first in
      for T in stride(from: first + 1, through: 24, by: 4) {
        let y = try? program.evaluate(.zeros(T: T), request: Request())[.y]
        answers.withLock { $0[T] = y?.values.count }
      }
    }
    #expect(answers.withLock { $0 } == Dictionary(uniqueKeysWithValues: (1...24).map { ($0, 3 * $0) }))
  }

  @Test func `nobody waits for a turn when the run has come to its end`() throws {
    let worker = try FaultyWorker("if n > 0: time.sleep(60)")
    let run = Deadline()
    let program = Program(name: "faulty", command: worker.command, processes: 1, until: run)
    let interrupted = Mutex(0)
    onThreads(3) { number in
      if number == 0 {
        usleep(300_000)
        return run.pass()
      }
      do {
        _ = try program.evaluate(.zeros(), request: Request())
      } catch is Interrupted {
        interrupted.withLock { $0 += 1 }
      } catch {}
    }
    #expect(interrupted.withLock { $0 } == 2)
  }

  @Test func `conformance says what to correct`() throws {
    let fine = try FaultyWorker("pass")
    #expect(Conformance(command: fine.command).passes)
    let noisy = try FaultyWorker("if n == 1: print('hello', flush=True)")
    let steps = Conformance(command: noisy.command).steps
    guard case .failed(let advice)? = steps.last?.outcome else {
      Issue.record("\(steps)")
      return
    }
    #expect(advice.contains("Move standard output away"))
    let idle = try FaultyWorker("if metadata['request'] == 'hello': reply['refusal'] = 'no GPU'")
    let refusal = Conformance(command: idle.command)
    #expect(!refusal.passes)
    guard case .failed(let text)? = refusal.steps.last?.outcome else {
      Issue.record("\(refusal.steps)")
      return
    }
    #expect(text.hasPrefix("none: no GPU. Correct "))
  }

  @Test(arguments: [("contract", "gate=square"), ("roundings", "bta:bf16"), ("form", "chunky")])
  func `conformance asks nothing under a hello that it does not understand`(key: String, value: String) throws
  {
    let worker = try FaultyWorker("reply['\(key)'] = '\(value)'")
    let conformance = Conformance(command: worker.command)
    #expect(!conformance.passes)
    #expect(conformance.steps.map(\.question) == ["says hello", "the rest"])
    guard case .failed(let why)? = conformance.steps.first?.outcome,
      case .noted(let rest)? = conformance.steps.last?.outcome
    else {
      Issue.record("\(conformance.steps)")
      return
    }
    #expect(why.contains(value) && why.contains("expected"))
    #expect(rest == "not run: the hello is not understood")
  }

  @Test func `conformance asks for the rule that a worker declares`() throws {
    let ofItsOwn = try FaultyWorker(
      "reply.update({'contract': 'scale=rsqrt'} if metadata['request'] == 'hello' else {}"
        + " if metadata.get('contract') == 'scale=rsqrt' else {'refusal': 'of another rule'})")
    let conformance = Conformance(command: ofItsOwn.command)
    #expect(conformance.passes)
    #expect(!conformance.steps.contains { "\($0.outcome)".contains("of another rule") })
  }
}
