import GatedDeltaRule
import Testing

@Suite struct PrecisionTests {
  @Test func `every bf16 pattern survives the round trip`() {
    var wrong = 0
    for bits in UInt16.min...UInt16.max {
      let number = BFloat16(bits: bits)
      let again = BFloat16(Double(number.float))
      if number.float.isNaN ? !again.float.isNaN : again.bits != bits { wrong += 1 }
    }
    #expect(wrong == 0)
  }

  @Test func `every fp16 pattern survives the round trip`() {
    var wrong = 0
    for bits in UInt16.min...UInt16.max {
      let number = Half(bits: bits)
      let again = Half(number.double)
      if number.double.isNaN ? !again.double.isNaN : again.bits != bits { wrong += 1 }
    }
    #expect(wrong == 0)
  }

  /// Between each pair of finite neighbours: the midpoint goes to the even one, and the doubles next to the
  /// midpoint go to the nearer one, which two roundings through fp32 would get wrong.
  @Test func `every midpoint of the 16-bit formats rounds to even`() {
    var wrong = 0
    for bits in UInt16(0)..<0x7F7F {
      let (low, high) = (Double(BFloat16(bits: bits).float), Double(BFloat16(bits: bits + 1).float))
      let middle = low + (high - low) / 2
      let even = bits % 2 == 0 ? bits : bits + 1
      if BFloat16(middle).bits != even || BFloat16(-middle).bits != even | 0x8000 { wrong += 1 }
      if BFloat16(middle.nextDown).bits != bits || BFloat16(middle.nextUp).bits != bits + 1 { wrong += 1 }
    }
    for bits in UInt16(0)..<0x7BFF {
      let (low, high) = (Half(bits: bits).double, Half(bits: bits + 1).double)
      let middle = low + (high - low) / 2
      let even = bits % 2 == 0 ? bits : bits + 1
      if Half(middle).bits != even || Half(-middle).bits != even | 0x8000 { wrong += 1 }
      if Half(middle.nextDown).bits != bits || Half(middle.nextUp).bits != bits + 1 { wrong += 1 }
    }
    #expect(wrong == 0)
  }

  @Test func `overflow goes to infinity at the midpoint past the largest number`() {
    #expect(Precision.bf16.round(0x1.FFp127) == .infinity)
    #expect(Precision.bf16.round((0x1.FFp127).nextDown) == 0x1.FEp127)
    #expect(Precision.fp16.round(65520) == .infinity)
    #expect(Precision.fp16.round((65520.0).nextDown) == 65504)
    #expect(Precision.bf16.round(-.infinity) == -.infinity)
    #expect(Precision.fp16.round(.nan).isNaN)
  }

  @Test func `bf16 rounds 0.999 to exactly 1`() {
    #expect(Precision.bf16.round(0.999) == 1)
  }

  @Test(arguments: Precision.allCases)
  func `unit roundoff is half the spacing at 1`(precision: Precision) {
    let u = precision.unitRoundoff
    #expect(precision.round(1 + u) == 1)
    #expect(precision.round(1 + 2 * u) == 1 + 2 * u)
  }
}
