import GatedDeltaRule
import Generator
import Support
import Testing

@Test(arguments: [Profile.small, .standard, .large])
func `the text of a drawn recipe reads back as the same recipe`(profile: Profile) throws {
  for index in 0..<3000 {
    let recipe = Recipe.draw(seed: 7, index: UInt64(index), profile: profile.withoutExactCases)
    #expect(try Recipe(recipe.text) == recipe)
    #expect(try Recipe(fileStem: recipe.fileStem) == recipe)
    #expect(recipe.text.utf8.count <= Recipe.Limit.characters)
  }
}

@Test func `a recipe is written in one way, with what is plain left out`() throws {
  let plain = Recipe(T: 18, keys: .cone(degrees: 2.56), write: .constant(0.999), mask: .left(3))
  #expect(
    plain.text == "v1/B1-T18-Hk1-Hv1-Dk1-Dv1/keys=cone:2.56/decay=none/write=0.999/mask=left:3/f32/seed=0")
  let full = Recipe(
    B: 2, T: 33, Hk: 1, Hv: 2, Dk: 8, Dv: 9, decayKind: .perChannel, level: .model, keys: .tiny(norm: 1e-20),
    queries: .key, values: .scaled(1e4), decay: .every(period: 2, strong: -.infinity, slow: 0), A_log: .heads,
    dt_bias: .constant(-4), write: .logits(low: -8, high: 16), state: .spike, dy: .last, dstate: .random,
    mask: .holes(chance: 0.5), pad: .nan, precision: .bf16, seed: .max)
  #expect(
    full.text == "v1/B2-T33-Hk1-Hv2-Dk8-Dv9/model/channels/keys=tiny:1e-20/q=key/v=scaled:10000"
      + "/decay=every:2:-inf:0/A_log=heads/dt_bias=-4/write=logits:-8:16/state=spike/dy=last/dstate=random"
      + "/mask=holes:0.5/pad=nan/bf16/seed=18446744073709551615")
  #expect(try Recipe(full.text) == full)
  #expect(try Recipe(fileStem: full.fileStem) == full)
  #expect(!full.fileStem.contains { "/:\\<>|?*\" ".contains($0) })
}

@Test func `parts may come in any order, and what is plain may be spelled out`() throws {
  let text =
    "v1/B1-T4-Hk1-Hv1-Dk2-Dv2/seed=3/f32/core/write=1e-07/decay=-0/state=none/mask=none/pad=zeros/keys=equal"
  #expect(
    try Recipe(text).text == "v1/B1-T4-Hk1-Hv1-Dk2-Dv2/keys=equal/decay=none/write=1e-7/f32/seed=3")
  #expect(try Recipe("v1/B1-T4-Hk1-Hv1-Dk2-Dv2") == Recipe(T: 4, Dk: 2, Dv: 2))
}

/// A text that is not a recipe, and the line that says why.
private let mistakes: [(text: String, line: String)] = [
  ("", ": a recipe begins with v1/"),
  ("hello", "hello: a recipe begins with v1/"),
  ("v2/B1-T1-Hk1-Hv1-Dk1-Dv1", "v2: this gdr reads v1"),
  ("v1", ": the sizes are written as B1-T4-Hk1-Hv1-Dk8-Dv8"),
  ("v1/B1-T1-Hk1-Hv1-Dk1", "B1-T1-Hk1-Hv1-Dk1: the sizes are written as B1-T4-Hk1-Hv1-Dk8-Dv8"),
  ("v1/B1-X1-Hk1-Hv1-Dk1-Dv1", "X1: the sizes are written as B1-T4-Hk1-Hv1-Dk8-Dv8"),
  ("v1/B1-Tx-Hk1-Hv1-Dk1-Dv1", "Tx: 'x' is not a size"),
  (
    "v1/B1-T99999999999999999999-Hk1-Hv1-Dk1-Dv1",
    "T99999999999999999999: '99999999999999999999' is not a size"
  ),
  ("v1/B1-T65537-Hk1-Hv1-Dk1-Dv1", "T65537: larger than the limit of 65536"),
  ("v1/B0-T1-Hk1-Hv1-Dk1-Dv1", "B0: must be at least 1"),
  ("v1/B1-T1-Hk2-Hv3-Dk1-Dv1", "Hv3: not a multiple of Hk2"),
  (
    "v1/B256-T65536-Hk1-Hv1-Dk8-Dv8",
    "B256-T65536-Hk1-Hv1-Dk8-Dv8: 570458114 elements, more than the limit of 134217728"
  ),
  ("v1/B1-T1-Hk1-Hv1-Dk1-Dv1/colour=red", "colour=red: unknown field 'colour'"),
  (
    "v1/B1-T1-Hk1-Hv1-Dk1-Dv1/f64",
    "f64: unknown part: neither FIELD=VALUE nor model, channels, f32, bf16, f16"
  ),
  ("v1/B1-T1-Hk1-Hv1-Dk1-Dv1/", ": unknown part: neither FIELD=VALUE nor model, channels, f32, bf16, f16"),
  ("v1/B1-T1-Hk1-Hv1-Dk1-Dv1/keys=cone", "keys=cone: expected cone:DEGREES"),
  ("v1/B1-T1-Hk1-Hv1-Dk1-Dv1/keys=cone:ten", "keys=cone:ten: 'ten' is not a number"),
  ("v1/B1-T1-Hk1-Hv1-Dk1-Dv1/keys=cone:nan", "keys=cone:nan: 'nan' is not a number"),
  (
    "v1/B1-T1-Hk1-Hv1-Dk1-Dv1/keys=cone:91",
    "keys=cone:91: out of range: DEGREES 0 to 90"
  ),
  ("v1/B1-T1-Hk1-Hv1-Dk1-Dv1/q=raw", "q=raw: not one of random, key, orthogonal, zero, lengths"),
  (
    "v1/B1-T1-Hk1-Hv1-Dk1-Dv1/write=1.5",
    "write=1.5: out of range: BETA 0 to 1 (wide:LOW:HIGH goes up to 2)"
  ),
  (
    "v1/B1-T1-Hk1-Hv1-Dk1-Dv1/write=logits:3:2",
    "write=logits:3:2: out of range: LOW -200 to 200, HIGH -200 to 200, LOW at most HIGH"
  ),
  (
    "v1/B1-T1-Hk1-Hv1-Dk1-Dv1/decay=every:1.5:-1:0",
    "decay=every:1.5:-1:0: out of range: PERIOD at least 2, STRONG at most 0, SLOW at most 0"
  ),
  (
    "v1/B1-T1-Hk1-Hv1-Dk1-Dv1/model/write=wide:0:2",
    "write=wide:0:2: needs the core level: a sigmoid ends at 1"
  ),
  ("v1/B1-T1-Hk1-Hv1-Dk1-Dv1/A_log=heads", "A_log=heads: needs the model level"),
  ("v1/B1-T1-Hk1-Hv1-Dk1-Dv1/decay=input:88:0", "decay=input:88:0: needs the model level"),
  ("v1/B1-T4-Hk1-Hv1-Dk1-Dv1/decay=forget:4:-1:0", "decay=forget:4:-1:0: token 4 of T4"),
  ("v1/B1-T4-Hk1-Hv1-Dk1-Dv1/decay=tail:5:-1:0", "decay=tail:5:-1:0: 5 rows of T4"),
  ("v1/B1-T4-Hk1-Hv1-Dk1-Dv1/mask=left:5", "mask=left:5: 5 tokens of T4"),
  ("v1/B1-T4-Hk1-Hv1-Dk1-Dv1/mask=row:1", "mask=row:1: row 1 of B1"),
  ("v1/B1-T4-Hk1-Hv1-Dk1-Dv1/pad=nan", "pad=nan: mask=none leaves nothing to pad"),
  ("v1/B1-T4-Hk1-Hv1-Dk1-Dv1/seed=-1", "seed=-1: '-1' is not a number from 0 to 18446744073709551615"),
  ("v1/B1-T4-Hk1-Hv1-Dk1-Dv1/seed=1/seed=2", "seed=2: seed is given twice"),
]

@Test(arguments: mistakes)
func `a mistake is one line that names the part`(mistake: (text: String, line: String)) {
  #expect { try Recipe(mistake.text) } throws: { "\($0)" == mistake.line }
}

@Test func `a text of any length and content is read or refused, never trapped on`() {
  let seed =
    "v1/B1-T4-Hk1-Hv1-Dk1-Dv1/keys=cone:10/decay=forget:1:-1:0/write=0.5/mask=left:1/pad=nan/f32/seed=1"
  var (read, refused) = (0, 0)
  for index in 0..<seed.utf8.count {
    for byte in Array("0-e:/=.v\u{0}9".utf8) {
      var bytes = Array(seed.utf8)
      bytes[index] = byte
      let text = String(decoding: bytes, as: UTF8.self)
      do throws(RecipeError) {
        let recipe = try Recipe(text)
        read += 1
        #expect((try? Recipe(recipe.text)) == recipe)
      } catch {
        refused += 1
        #expect(!"\(error)".isEmpty)
      }
    }
  }
  #expect(read > 50 && refused > 500)
  #expect(throws: RecipeError.self) { try Recipe(String(repeating: "v1/", count: 100_000)) }
}
