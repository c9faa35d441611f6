import Kernel
import Oracle
import Testing

@Test func `my kernel computes the gated delta rule`() throws {
  try expectAgreement(of: Mine(), cases: 300)
}

@Test func `a kernel that forgets to decay is found`() throws {
  #expect(throws: Disagreements.self) { try expectAgreement(of: Mine(decays: false), cases: 300) }
}
