import Foreign
import GatedDeltaRule
import Testing

/// Steps of a session as frames.
@Suite struct StepFrameTests {
  @Test(arguments: Step.Kind.allCases, ["plain", "layout=kv,state=bf16"])
  func `a step comes back from its frame`(kind: Step.Kind, contract: String) throws {
    for (level, isPadded) in [(Level.core, false), (.model, true)] {
      let step = try Step.sample(
        kind, level: level, isPadded: isPadded, wantsHistory: kind == .verify, contract: Contract(contract),
        Hv: 2)
      let frame = Frame(step)
      #expect(frame.metadata["protocol"] == "3" && frame.metadata["kind"] == kind.rawValue)
      #expect(frame.entries["pool"]?.shape == (contract == "plain" ? [4, 2, 3, 2] : [4, 2, 2, 3]))
      #expect(try Step(frame: Frame(decoding: frame.encoded())) == step)
    }
  }

  @Test func `the metadata says rows as an engine has them`() throws {
    let advance = try Frame(Step.sample(.advance)).metadata
    #expect(advance["cu_seqlens"] == "0,2,3,3" && advance["slots"] == "3,-1,0" && advance["fresh"] == "0,0,1")
    #expect(advance["padded"] == "no" && advance["snapshots"] == "no" && advance["kept"] == nil)
    #expect(try Frame(Step.sample(.keep)).metadata["kept"] == "1,0,0")
    let fork = try Frame(Step.sample(.fork)).metadata
    #expect(fork["sources"] == "3,2" && fork["slots"] == "1,0")
  }

  @Test(arguments: [
    ("kind", "prefill", "metadata 'kind' is 'prefill', expected advance or verify or keep or fork"),
    ("slots", "3,4,0", "metadata 'slots' is '3,4,0', expected numbers from -1 to 3"),
    ("slots", "3,-2,0", "metadata 'slots' is '3,-2,0', expected numbers from -1 to 3"),
    ("slots", "3,,0", "metadata 'slots' is '3,,0', expected numbers from -1 to 3"),
    ("cu_seqlens", "0,2,3", "metadata 'cu_seqlens' is '0,2,3', expected 4 numbers"),
    ("cu_seqlens", "0,2,1,3", "metadata 'cu_seqlens' is '0,2,1,3', expected numbers that rise from 0"),
    ("cu_seqlens", "0,2,3,4", "q has shape [1, 3, 1, 2], expected [1, 4, 1, 2]"),
    ("fresh", "0,2,1", "metadata 'fresh' is '0,2,1', expected numbers from 0 to 1"),
    ("padded", "perhaps", "metadata 'padded' is 'perhaps', expected yes or no"),
    ("padded", "yes", "q has shape [1, 3, 1, 2], expected [3, 2, 1, 2]"),
  ])
  func `metadata that is no step is named`(key: String, value: String, words: String) throws {
    var frame = try Frame(Step.sample(.advance))
    frame.metadata[key] = value
    #expect(fault { _ = try Step(frame: frame) } == words)
  }

  @Test func `a step without its pool is one of the session that kept it`() throws {
    let step = try Step.sample(.advance)
    var frame = Frame(step)
    frame.entries["pool"] = nil
    #expect(try Step(frame: frame, kept: step.pool) == step)
    #expect(fault { _ = try Step(frame: frame) } == "no tensor pool, which a step that is to advance needs")
  }

  @Test func `an answer has every part that its step asks for, and no other`() throws {
    let step = try Step.sample(.verify, wantsHistory: true, contract: Contract("layout=kv"), Hv: 2)
    let answer = StepAnswer(
      y: tensor(step.tokens!.shape.value), pool: step.pool, history: tensor(step.historyShape, from: 7))
    let frame = try Frame(decoding: Frame(answer, to: step).encoded())
    #expect(try StepAnswer(frame: frame, to: step) == answer)
    func fault(_ change: (inout Frame) -> Void) -> String? {
      var frame = frame
      change(&frame)
      return self.fault { _ = try StepAnswer(frame: frame, to: step) }
    }
    for name in ["y", "pool", "history"] {
      #expect(
        fault { $0.entries[name] = nil } == "no tensor \(name), which a step that is to verify needs")
      #expect(fault { $0.entries[name] = .numbers(tensor([2])) }?.hasPrefix("\(name) has shape [2]") == true)
      #expect(
        fault { $0.entries[name] = .flags(Flags(shape: [1], values: [true])) }
          == "\(name) has type BOOL, expected F64, F32, BF16 or F16")
    }
    #expect(fault { $0.entries["state_out"] = $0.entries["pool"] } == "unknown tensor 'state_out'")
    #expect(
      self.fault { _ = try StepAnswer(frame: frame, to: step, arithmetic: .double) }
        == "pool has type F32, expected F64")
  }

  @Test func `states that were written more coarsely than the pool holds say so`() throws {
    let step = try Step.sample(.fork)
    let answer = try StepAnswer(
      frame: Frame(StepAnswer(pool: step.pool.rounded(to: .bf16)), to: step), to: step)
    #expect(answer.written == .bf16 && answer.pool.precision == .fp32)
    let exact = try StepAnswer(
      frame: Frame(StepAnswer(pool: step.pool.rounded(to: .fp64)), to: step), to: step)
    #expect(exact.written == nil && exact.pool == step.pool)
  }

  private func fault(_ body: () throws -> Void) -> String? {
    do {
      try body()
      return nil
    } catch {
      return "\(error)"
    }
  }
}
