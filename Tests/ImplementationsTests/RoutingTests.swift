import GatedDeltaRule
import Implementations
import Support
import Testing

@Suite struct RoutingTests {
  let even = try! Shape(B: 1, T: 4, Hk: 1, Hv: 2, Dk: 64, Dv: 8)

  func path(
    _ revision: Routing.Revision, training: Bool = true, metal: Bool = true, mask: Bool = false,
    shape: Shape? = nil
  ) -> Routing.Path {
    Routing(revision: revision, isTraining: training, hasMetal: metal)
      .decision(for: shape ?? even, hasMask: mask).path
  }

  @Test func `inference with Metal takes the kernel at every revision`() {
    for revision in Routing.Revision.allCases {
      #expect(path(revision, training: false) == .kernel)
      #expect(path(revision, training: false, metal: false) != .kernel)
    }
  }

  @Test func `main trains on the loop`() {
    #expect(path(.main) == .sequential)
    #expect(path(.main, metal: false) == .sequential)
    #expect(path(.main, training: false, metal: false) == .sequential)
  }

  @Test func `1217 trains on the fused kernel only where it can`() throws {
    #expect(path(.pull1217) == .fused)
    #expect(path(.pull1217, metal: false) == .checkpoint)
    #expect(path(.pull1217, mask: true) == .checkpoint)
    #expect(path(.pull1217, shape: try Shape(B: 1, T: 4, Hk: 1, Hv: 2, Dk: 48, Dv: 8)) == .checkpoint)
    #expect(path(.pull1217, shape: try Shape(B: 1, T: 4, Hk: 1, Hv: 2, Dk: 64, Dv: 6)) == .checkpoint)
    #expect(path(.pull1217, training: false, metal: false) == .sequential)
  }

  @Test func `1389 chunks scalar decay and more than one token`() throws {
    #expect(path(.pull1389) == .chunked)
    #expect(path(.pull1389, training: false, metal: false) == .chunked)
    #expect(path(.pull1389, mask: true) == .chunked)
    #expect(path(.pull1389, shape: try Shape(B: 1, T: 1, Hk: 1, Hv: 2, Dk: 64, Dv: 8)) == .sequential)
    let channels = try Shape(B: 1, T: 4, Hk: 1, Hv: 2, Dk: 64, Dv: 8, decayKind: .perChannel)
    #expect(path(.pull1389, shape: channels) == .sequential)
  }

  @Test func `the metal variant refuses what the fused kernel refuses`() throws {
    let metal = try #require(Registry.named("fused-metal"))
    #expect(metal.refusal(of: try Sample(shape: even).problem) == nil)
    #expect(metal.refusal(of: try Sample(shape: even, mask: .left).problem) == "takes no mask")
    let odd = try Shape(B: 1, T: 4, Hk: 1, Hv: 2, Dk: 48, Dv: 8)
    #expect(metal.refusal(of: try Sample(shape: odd).problem) == "needs Dk % 32 == 0")
    let ragged = try Shape(B: 1, T: 4, Hk: 1, Hv: 2, Dk: 32, Dv: 6)
    #expect(metal.refusal(of: try Sample(shape: ragged).problem) == "needs Dv % 4 == 0")
  }
}
