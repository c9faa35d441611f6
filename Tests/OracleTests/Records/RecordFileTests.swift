import Foundation
import GatedDeltaRule
import Generator
import Machine
import Oracle
import Testing

/// What a record of a run is of, and that it is as it was written.
@Suite struct RecordFileTests {
  private func data(command: String? = nil, families: [Family] = []) throws -> Data {
    try Record(plan: plan(command: command, families: families), part: part).encoded()
  }

  private let part = Record.Part(shard: 1, clock: Record.Clock(started: 12))

  private func plan(command: String? = nil, families: [Family] = []) -> Record.Plan {
    var plan = Campaign.Plan(implementations: [Silent()], seed: 3)
    plan.profile.families = families
    if let command { plan.commands = ["silent": command] }
    return Record.Plan(plan)
  }

  private struct Silent: Implementation {
    let name = "silent"
    let summary = "takes nothing"
    let declaration = Declaration(offersDouble: false)
    func refusal(of problem: Problem) -> String? { "takes nothing" }
    func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
      throw Refusal("takes nothing")
    }
  }

  @Test func `any digit that changes is noticed`() throws {
    let data = try data()
    _ = try Record(decoding: data)
    let digits = data.indices.filter { (48...57).contains(data[$0]) }
    #expect(digits.count > 20)
    for place in digits {
      var changed = data
      changed[place] = data[place] == 57 ? 48 : data[place] + 1
      #expect(throws: UnreadableRecord.self, "byte \(place)") { try Record(decoding: changed) }
    }
  }

  @Test func `a record of format 1, without a checksum, is read`() throws {
    let text = String(decoding: try data(), as: UTF8.self)
    let old = text.replacing(/"checksum":"[0-9a-f]{16}","format":4/) { _ in "\"format\":1" }
    #expect(old != text)
    #expect(try Record(decoding: Data(old.utf8)).plan == plan())
  }

  @Test func `a record says which program ran it, and one that does not is read`() throws {
    var part = part
    part.provenance = Provenance(
      version: "9", revision: nil, words: ["fuzz", "--against", "a=b c'd", ""], machine: "Linux", started: 12)
    let said = try Record(decoding: Record(plan: plan(), part: part).encoded())
    #expect(said.parts.first?.provenance == part.provenance)
    #expect(
      part.provenance?.lines == [
        "gdr 9, revision not known, 1970-01-01 00:00:12 UTC", "gdr fuzz --against 'a=b c'\\''d' ''", "Linux",
      ])
    #expect(try Record(decoding: data()).parts.first?.provenance == nil)
    #expect(Provenance.time(.nan) == "at an unknown time" && Provenance.time(1e300) == "at an unknown time")
  }

  @Test(arguments: [2, 3]) func `records of formats in which nothing moves, or no evidence is, are read`(
    format: Int
  ) throws {
    let blank = "\"checksum\":\"\(String(repeating: "0", count: 16))\""
    let text = String(decoding: try data(), as: UTF8.self)
    let old = text.replacing(/"checksum":"[0-9a-f]{16}","format":4/) { _ in "\(blank),\"format\":\(format)" }
    #expect(old != text)
    let checksum = Checksum.of(Data(old.utf8))
    let signed = old.replacing(blank, with: "\"checksum\":\"\(checksum)\"")
    #expect(try Record(decoding: Data(signed.utf8)).plan == plan())
  }

  @Test func `a declaration has one text, whatever the order of its sets`() {
    var declaration = Declaration(offersDouble: false)
    let plain = declaration.text
    // As it was before there was more to declare: records are told apart by it.
    #expect(
      plain == "Declaration(form: GatedDeltaRule.Declaration.Form.sequential, "
        + "clamp: GatedDeltaRule.Declaration.Clamp.none, betaPrecision: GatedDeltaRule.Precision.fp32, "
        + "decayPrecision: GatedDeltaRule.Precision.fp32, headPrecision: GatedDeltaRule.Precision.fp32, "
        + "products: GatedDeltaRule.ProductFormat.fp32, floor: 0.0, offersDouble: false, "
        + "withoutGradients: Set([]), promisesBits: false, isControl: false, kin: nil)")
    declaration.withoutGradients = [.dq, .dv, .dk]
    declaration.promises = [.split, .batch]
    #expect(declaration.text == plain + "; dk,dq,dv; batch,split")
    declaration.steps = [.packed]
    #expect(declaration.text == plain + "; dk,dq,dv; batch,split; calls 1")
  }

  @Test func `the share of sessions is part of the plan, and a record from before there were any has none`()
    throws
  {
    let usual = plan()
    #expect(usual.profile.sessionShare == usual.sessionShare ?? 0)
    var old = usual
    old.sessionShare = nil
    #expect(old.profile.sessionShare == 0)
    var engine = usual
    engine.sessionShare = Profile.engineSessionShare
    #expect(engine.profile.sessionShare == Profile.engineSessionShare && engine.digest != usual.digest)
    #expect(engine.difference(from: old)?.contains("sessions") == true)
  }

  @Test func `workers' commands and families tell runs apart`() throws {
    let family = try Family("Hk1-Hv2-Dk8-Dv8/bf16")
    #expect(plan().difference(from: plan()) == nil)
    #expect(plan(command: "a").difference(from: plan(command: "a")) == nil)
    #expect(plan(command: "a").difference(from: plan(command: "b"))?.contains("command") == true)
    #expect(plan(families: [family]).difference(from: plan())?.contains("families") == true)
    #expect(plan(families: [family]).profile.families == [family])
    #expect(
      Set([plan(), plan(command: "a"), plan(command: "b"), plan(families: [family])].map(\.digest)).count == 4
    )
  }

  @Test func `a record that has no command is compared with none`() {
    #expect(plan().difference(from: plan(command: "a")) == nil)
  }
}
