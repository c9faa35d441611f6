import GatedDeltaRule
import Generator
import Implementations
import Oracle
import Testing

/// Properties hold for honest implementations and catch planted faults.
@Suite struct PropertyTests {
  static let names = Property.all.map(\.name)
  static let honest = Registry.all.filter { !$0.declaration.isControl }

  @Test(arguments: names, [Request.Arithmetic.working, .double])
  func `every implementation obeys`(name: String, arithmetic: Request.Arithmetic) throws {
    let property = try #require(Property.named(name))
    var held: Set<String> = []
    for (index, text) in PropertyRecipes.all.enumerated() where arithmetic == .working || index % 3 == 0 {
      let problem = try Recipe(text).render()
      let takers = Self.honest.filter { $0.refusal(of: problem) == nil }
      for implementation in takers {
        let trial = Trial(
          implementation, on: problem, arithmetic: arithmetic, exactness: .all, seed: UInt64(index),
          peers: takers.filter { $0.name != implementation.name })
        switch property.check(trial) {
        case .holds(let ratio):
          held.insert(implementation.name)
          #expect(ratio <= 1)
        case .notApplicable: break
        case .degraded(let found), .violated(let found):
          Issue.record("\(implementation.name) \(text): \(found)")
        case .failed(let reason), .brokeDown(let reason):
          Issue.record("\(implementation.name) \(text): \(reason)")
        }
      }
    }
    // The Metal kernel takes few shapes and no mask.
    let expected = Self.honest.map(\.name).filter {
      $0 != "fused-metal"
    }
    #expect(held.isSuperset(of: expected), "never applied to \(Set(expected).subtracting(held))")
  }

  /// A fault that each property must see, on some recipe, without any promise of bits unless the property is about
  /// bits alone.
  static let catches: [(property: String, fault: String)] = [
    ("query-scale", "the group's sum misses a head"),
    ("query-scale", "dq is off by 1e-3"),
    ("key-scale", "dbeta is off by 1e-3"),
    ("key-scale", "dk is off by 1e-3"),
    ("state-scale", "dg is off by 1e-3"),
    ("state-scale", "past a chunk the cotangent of the state is lost"),
    ("gate-sums", "dA_log is off by 1e-3"),
    ("gate-sums", "ddt_bias is off by 1e-3"),
    ("repeated", "noise from a counter"),
    ("forward-only", "inference takes another path"),
    ("absent-is-zero", "an absent state is not zero"),
    ("full-mask", "any mask shifts the output"),
    ("deletion", "a masked token decays"),
    ("right-padding", "a pad is multiplied by the mask, not selected"),
    ("left-padding", "a masked token decays"),
    ("identity-token", "the last token is not processed"),
    ("row-alone", "the state leaks into the next batch row"),
    ("row-order", "the state leaks into the next batch row"),
    ("head-alone", "value head h reads key head h mod Hk"),
    ("shared-keys", "value head h reads key head h mod Hk"),
    ("order-in-group", "the group's sum misses a head"),
    ("group-order", "value head h reads key head h mod Hk"),
    ("value-order", "the last value channel past a multiple of four is dropped"),
    ("key-order", "the last key channel of an odd number is dropped"),
    ("signs", "the first query channel loses its sign"),
    ("zero-values", "the last value channel past a multiple of four is dropped"),
    ("zero-keys", "the last key channel of an odd number is dropped"),
    ("powers-of-two", "values are clipped at 2"),
    ("pure-decay", "a is shifted, so that the decay is another"),
    ("read-after-write", "beta is off by 1e-5"),
    ("poison", "NaN becomes zero"),
    ("dot-product", "dv is off by 1e-3"),
    ("time-reversal", "dv is off by 1e-3"),
    ("time-reversal", "the gradient of the state is off by 1e-3"),
    ("splitting", "the state is bf16 where it is handed out"),
    ("differences", "dbeta is off by 1e-3"),
    ("agreement", "beta is off by 1e-5"),
  ]

  @Test(arguments: catches)
  func `a planted fault is seen`(property name: String, fault: String) throws {
    let property = try #require(Property.named(name))
    let fault = try #require(PlantedFault.all.first { $0.name == fault })
    let peers = [try #require(Registry.named("fused"))]
    let exactness: Exactness = name == "repeated" ? .repetition : .none
    for (index, text) in PropertyRecipes.all.enumerated() {
      let problem = try Recipe(text).render()
      guard fault.refusal(of: problem) == nil else { continue }
      let trial = Trial(fault, on: problem, exactness: exactness, seed: UInt64(index), peers: peers)
      if case .violated = property.check(trial) { return }
    }
    Issue.record("\(name) does not see that \(fault.name)")
  }

  @Test func `amplified rounding is degraded, not violated`() throws {
    // Equal keys at beta = 1 and no decay: what doubling in sub-blocks of 16 loses, and in blocks of 32 never finds.
    let text = "v1/B1-T64-Hk1-Hv1-Dk1-Dv4/keys=equal/decay=none/write=0.5/state=random/f32/seed=1"
    let problem = try Recipe(text).render()
    let property = try #require(Property.named("read-after-write"))
    func result(_ name: String) throws -> PropertyResult {
      property.check(Trial(try #require(Registry.named(name)), on: problem))
    }
    guard case .holds = try result("chunked-stable") else { throw Unexpected() }
    guard case .degraded(let tolerable) = try result("chunked") else { throw Unexpected() }
    guard case .violated(let intolerable) = try result("chunked-sb32") else { throw Unexpected() }
    #expect(tolerable.kappa ?? 0 > 0.5)
    #expect(intolerable.kappa ?? 0 > 0.5)
  }

  @Test func `a throw is a finding and a refusal is none`() throws {
    let problem = try Recipe(PropertyRecipes.all[3]).render()
    let property = try #require(Property.named("query-scale"))
    let throwing = PlantedFault("throws") { _, _, _ in throw Unexpected() }
    guard case .failed = property.check(Trial(throwing, on: problem)) else { throw Unexpected() }
    let metal = try #require(Registry.named("fused-metal"))
    guard case .notApplicable(let reason) = property.check(Trial(metal, on: problem)) else {
      throw Unexpected()
    }
    #expect(reason.contains("Dk % 32"))
  }

  @Test(arguments: Property.all.filter { $0.cost != .dear }.map(\.name))
  func `a property costs no more runs than it says`(name: String) throws {
    let property = try #require(Property.named(name))
    let sequential = try #require(Registry.named("sequential"))
    for text in PropertyRecipes.all {
      let problem = try Recipe(text).render()
      let known = try sequential.evaluate(problem, Request())
      let trial = Trial(sequential, on: problem, evaluation: known)
      guard case .holds = property.check(trial) else { continue }
      #expect(trial.evaluations == (property.cost == .free ? 0 : 1))
    }
  }

  @Test func `every property sees a fault and every fault is seen`() {
    #expect(Set(Self.catches.map(\.property)) == Set(Self.names))
    #expect(Set(Self.catches.map(\.fault)) == Set(PlantedFault.all.map(\.name)))
  }
}

private struct Unexpected: Error {}
