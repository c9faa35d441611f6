import Foreign
import GatedDeltaRule
import Testing

@Suite struct WireTests {
  @Test(arguments: Level.allCases, DecayKind.allCases)
  func `a case comes back from its frame`(level: Level, decay: DecayKind) throws {
    let problem = try problem(level, decay: decay)
    let frame = Frame(problem)
    #expect(frame.metadata["level"] == level.rawValue)
    #expect(try Problem(frame: Frame(decoding: frame.encoded())) == problem)
  }

  @Test func `state, mask and cotangents may be absent`() throws {
    var frame = Frame(try problem())
    for name in ["state_in", "mask", "dy", "dstate_out"] { frame.entries[name] = nil }
    let problem = try Problem(frame: frame)
    #expect(problem.primals.state == nil)
    #expect(problem.mask == nil)
    #expect(problem.cotangents == Outputs())
  }

  @Test func `A_log may be [Hv] or [Hv, 1], with either decay`() throws {
    for decay in DecayKind.allCases {
      let original = try problem(.model, decay: decay)
      for shape in [[2], [2, 1]] {
        var frame = Frame(original)
        frame.entries["A_log"] = .numbers(tensor(shape))
        #expect(try Problem(frame: frame) == original)
      }
    }
  }

  @Test func `each fault has a line that names it`() throws {
    #expect(try message { $0.entries["q"] = nil } == "no tensor q, which the core level needs")
    #expect(try message { $0.entries["beta"] = nil } == "no tensor beta, which the core level needs")
    #expect(
      try message {
        $0.entries["g"] = nil
        $0.entries["beta"] = nil
      } == "neither g and beta (core level) nor a, b, A_log and dt_bias (model level) are there")
    #expect(
      try message { $0.entries["a"] = .numbers(tensor([2, 3, 2])) }
        == "both g (core level) and a (model level) are there; a case has one level")
    #expect(
      try message(.model) { $0.entries["dt_bias"] = nil } == "no tensor dt_bias, which the model level needs")
    #expect(
      try message { $0.entries["state_inn"] = .numbers(tensor([1])) } == "unknown tensor 'state_inn'")
    #expect(
      try message { $0.entries["q"] = .numbers(tensor([2, 3, 3])) }
        == "q has shape [2, 3, 3], expected [B, T, Hk, Dk]")
    #expect(
      try message { $0.entries["g"] = .numbers(tensor([2, 3])) }
        == "g has shape [2, 3], expected [B, T, Hv] or [B, T, Hv, Dk]")
    #expect(
      try message { $0.entries["k"] = .numbers(tensor([2, 3, 1, 4])) }
        == "k has shape [2, 3, 1, 4], expected [2, 3, 1, 3]")
    #expect(
      try message { $0.entries["mask"] = .numbers(tensor([2, 3])) }
        == "mask has type F32, expected BOOL or U8")
    #expect(
      try message {
        $0.entries["mask"] = .flags(Flags(shape: [3, 2], values: [Bool](repeating: true, count: 6)))
      }
        == "mask has shape [3, 2], expected [2, 3]")
    #expect(
      try message { $0.entries["q"] = .flags(Flags(shape: [1], values: [true])) }
        == "q has type BOOL, expected F64, F32, BF16 or F16")
    #expect(
      try message {
        $0.entries["q"] = .numbers(tensor([2, 3, 4, 3]))
        $0.entries["k"] = .numbers(tensor([2, 3, 4, 3]))
      } == "Hv = 2 is not a multiple of Hk = 4")
    #expect(
      try message { $0.entries["dy"] = .numbers(Tensor(shape: [2, 3, 2, 2], repeating: .nan)) }
        == "dy is nan at live element 0")
    #expect(
      try message { $0.entries["g"] = .numbers(Tensor(shape: [2, 3, 2], repeating: -0.5)) }
        == "g is -0.5 at live element 0; a decay factor is not negative"
        + " (if g holds its logarithm, say so: --contract decay=log)")
    #expect(
      try message { $0.metadata["level"] = "model" }
        == "metadata says level model, the tensors are those of the core level")
    #expect(
      try message { $0.metadata["protocol"] = "4" } == "metadata 'protocol' is '4', expected 3")
    #expect(
      try message { $0.metadata["contract"] = "qk=l1norm" }
        == "metadata 'contract' is 'qk=l1norm', expected given or l2norm:EPS with EPS from 1e-12 to 1 in qk=l1norm"
    )
  }

  @Test func `results are read where they are, with their shapes checked`() throws {
    let problem = try problem(.model, decay: .perChannel)
    var frame = Frame(problem)
    frame.entries["y"] = .numbers(tensor([2, 3, 2, 2], precision: .bf16))
    frame.entries["dA_log"] = .numbers(tensor([2]))
    let evaluation = try Evaluation(frame: frame, shape: problem.shape)
    #expect(Set(evaluation.results.keys) == [.y, .dA_log])
    #expect(evaluation[.y]?.precision == .bf16)
    #expect(evaluation[.dA_log]?.shape == [2, 1])
    #expect(try Problem(frame: frame) == problem)

    frame.entries["dstate_in"] = .numbers(tensor([2, 2, 3, 2]))
    #expect(
      throws: InvalidCase.problem(.shape(name: "dstate_in", found: [2, 2, 3, 2], expected: [2, 2, 2, 3]))
    ) {
      try Evaluation(frame: frame, shape: problem.shape)
    }
  }

  @Test(arguments: Level.allCases, DecayKind.allCases)
  func `an answer stands under its wire names and comes back, rounded to what was asked`(
    level: Level, decay: DecayKind
  ) throws {
    let problem = try problem(level, decay: decay)
    var evaluation = Evaluation(results: [:])
    for (place, quantity) in Quantity.all(at: level).enumerated() {
      let shape = quantity.shape(in: problem.shape)
      evaluation.results[quantity] = tensor(shape, precision: .fp64, from: Double(place) + 1.0 / 3)
    }
    for precision in [Precision.fp32, .fp64] {
      let frame = Frame(evaluation, level: level, precision: precision, metadata: ["origin": "test"])
      #expect(frame.metadata["origin"] == "test" && frame.metadata["level"] == level.rawValue)
      let rounded = evaluation.results.mapValues { $0.rounded(to: precision) }
      let names = rounded.map { ($0.key.rawValue, Frame.Entry.numbers($0.value)) }
      #expect(frame.entries == Dictionary(uniqueKeysWithValues: names))
      let back = try Evaluation(frame: Frame(decoding: frame.encoded()), shape: problem.shape)
      #expect(back == Evaluation(results: rounded))
    }
  }

  @Test func `what a file says of a library becomes its declaration`() throws {
    let problem = try problem()
    var frame = Frame(problem)
    frame.metadata.merge([
      "library": "mlx-lm", "version": "0.32.2", "form": "chunked:64", "clamp": "decay:1e-12",
      "roundings": "exp|b|:bf16,beta:bf16,y:bf16", "log_g_rounding": "fp32", "judged": "shown", "note": "why",
    ]) { $1 }
    let recorded = try Recorded(frame: frame, for: problem)
    #expect(recorded.name == "mlx-lm 0.32.2")
    #expect(recorded.declaration.form == .chunked(length: 64))
    #expect(recorded.declaration.clamp == .decay(floor: 1e-12))
    #expect(recorded.declaration.betaPrecision == .bf16)
    #expect(recorded.declaration.decayPrecision == .fp32)
    #expect(!recorded.declaration.offersDouble)
    #expect(recorded.roundings["exp|b|"] == .bf16)
    #expect(recorded.logDecayPrecision == .fp32)
    #expect(!recorded.isJudged)
    #expect(recorded.note == "why")

    frame.metadata["clamp"] = "log:-20"
    #expect(try Recorded(frame: frame, for: problem).declaration.clamp == .logDecay(floor: -20))
    for (key, value) in [
      ("clamp", "decay"), ("clamp", "log:nan"), ("clamp", "log:-inf"), ("clamp", "log:1"),
      ("clamp", "decay:2"),
      ("form", "chunked:0"), ("form", "tree"), ("form", "chunked:9223372036854775807"),
      ("form", "chunked:1048577"),
      ("roundings", "beta"), ("roundings", "beta:fp8"), ("judged", "maybe"), ("log_g_rounding", "x"),
    ] {
      var frame = frame
      frame.metadata[key] = value
      #expect(throws: InvalidCase.self, "\(key) = \(value)") { try Recorded(frame: frame, for: problem) }
    }
  }

  @Test func `without metadata a recording is the plainest`() throws {
    let problem = try problem()
    let recorded = try Recorded(frame: Frame(entries: Frame(problem).entries), for: problem)
    #expect(recorded.declaration == Declaration(offersDouble: false))
    #expect(recorded.isJudged)
    #expect(recorded.evaluation.results.isEmpty)
  }

  private func message(_ level: Level = .core, _ change: (inout Frame) -> Void) throws -> String? {
    var frame = Frame(try problem(level))
    change(&frame)
    do throws(InvalidCase) {
      _ = try Problem(frame: frame)
      return nil
    } catch {
      return error.description
    }
  }
}
