import GatedDeltaRule
import Generator
import Testing

/// Sessions as recipes: written, read, checked, drawn and made simpler.
@Suite struct CallsTests {
  static let base = "v1/B2-T9-Hk1-Hv2-Dk4-Dv4/keys=random/decay=-0.1/write=0.5/state=random"
  static let session =
    "\(base)/calls=prefill:5.2,verify:4:2.0,undo:1,decode:2@1.x.0,fork@0,decode:1@2/pool=6:nan/f32/seed=1"

  @Test func `a session is read and written in one way`() throws {
    let recipe = try Recipe(Self.session)
    #expect(recipe.text == Self.session)
    #expect(try Recipe(fileStem: recipe.fileStem) == recipe)
    let calls = try #require(recipe.calls)
    #expect(calls.entries.map(\.kind) == [.prefill, .verify, .undo, .decode, .fork, .decode])
    #expect(calls.entries[3].rows == [1, nil, 0])
    #expect(calls.pool == Calls.Pool(slots: 6, filling: .nan))
    #expect(try Recipe("\(Self.base)/calls=one/f32/seed=1").calls == nil)
    #expect(
      try Recipe("v1/B1-T2-Hk1-Hv1-Dk1-Dv1/pool=3/calls=padded,decode:2/seed=0").text
        == "v1/B1-T2-Hk1-Hv1-Dk1-Dv1/keys=random/decay=none/write=0.5/calls=padded,decode:2/pool=3/f32/seed=0"
    )
  }

  @Test func `a session has a digest of its own, and the tensors of its recipe without one`() throws {
    let (one, plain) = (try Recipe(Self.session).render(), try Recipe("\(Self.base)/f32/seed=1").render())
    #expect(one.primals == plain.primals && one.calls != nil && plain.calls == nil)
    #expect(one.digest != plain.digest)
    #expect(one.digest == Self.digest)
  }

  static let digest = "22cb03686acacaa9"

  /// What is no session, and the line that says why.
  static let mistakes: [(text: String, line: String)] = [
    (
      "calls=", "calls=: : not one of prefill:TOKENS, decode:CALLS, verify:DRAFTS:ACCEPTED, undo:TOKENS, fork"
    ),
    ("calls=padded", "calls=padded: no entry"),
    ("calls=prefill", "calls=prefill: prefill: expected prefill:TOKENS"),
    ("calls=prefill:x", "calls=prefill:x: prefill:x: numbers lie between dots, from 0 to 65536"),
    ("calls=prefill:10", "calls=prefill:10: prefill:10: row 0 has 9 tokens left"),
    ("calls=prefill:1.2.3", "calls=prefill:1.2.3: prefill:1.2.3: 3 numbers for 2 rows"),
    ("calls=decode:1@2", "calls=decode:1@2: decode:1@2: there is no row 2"),
    ("calls=decode:1@0.0", "calls=decode:1@0.0: decode:1@0.0: names a row twice"),
    ("calls=verify:1:2", "calls=verify:1:2: verify:1:2: accepts more than there are drafts"),
    ("calls=undo:1", "calls=undo:1: undo:1: nothing to take back"),
    (
      "calls=undo:1@0",
      "calls=undo:1@0: undo:1@0: takes back what the entry before took in, and has no rows of its own"
    ),
    ("calls=fork@x", "calls=fork@x: fork@x: a row of padding has no state"),
    ("calls=decode:1/pool=1", "calls=decode:1: pool=1: 2 rows need a slot each"),
    ("calls=decode:1/pool=0", "pool=0: expected SLOTS, SLOTS:nan or SLOTS:inf with SLOTS from 1 to 65536"),
    ("pool=4", "pool=4: a pool is that of calls="),
    ("mask=left:1/calls=decode:1", "calls=decode:1: a session has no mask: rows are as long as they are"),
  ]

  @Test(arguments: mistakes) func `what is no session is refused in one line`(text: String, line: String) {
    let error = #expect(throws: RecipeError.self) { try Recipe("\(Self.base)/\(text)/f32/seed=1") }
    #expect(error?.description == line)
  }

  @Test func `a session that nobody has the memory for is refused before it is made`() throws {
    let many = Array(repeating: "verify:65536:0", count: 9).joined(separator: ",")
    for text in ["calls=\(many)", "calls=decode:65536", "calls=decode:1/pool=65536"] {
      #expect(throws: RecipeError.self) {
        try Recipe("v1/B1-T65536-Hk1-Hv16-Dk32-Dv32/channels/\(text)/seed=0")
      }
    }
  }

  @Test func `the schedule goes on where each row stopped`() throws {
    let recipe = try Recipe(Self.session)
    let calls = try Schedule(#require(recipe.calls), B: 2, T: 9, hasState: true).calls
    #expect(calls.map(\.kind) == [.advance, .verify, .keep, .keep, .advance, .advance, .fork, .advance])
    #expect(calls.map(\.entry) == [1, 2, 2, 3, 4, 4, 5, 6])
    // Row 0 stands at 5, accepts 2, gives 1 back; row 1 stands at 2 and accepts nothing.
    #expect(calls[1].rows[0].tokens.prefix(2).map(\.t) == [5, 6])
    #expect(calls[3].rows.map(\.kept) == [1, 0])
    #expect(calls[4].rows.map { $0.tokens[0].t } == [2, 0, 6])
    #expect(calls[4].rows.map(\.slot) == [4, nil, 5])
    // The fork of row 0 lies in the next slot, and reads from the end.
    #expect(calls[6].rows[0].slot == 3 && calls[6].rows[0].source == 5)
    #expect(calls[7].rows[0].tokens.map(\.t) == [0])
  }

  @Test(arguments: [Profile.small, .standard])
  func `sessions that are drawn fit, are written back and become simpler`(profile: Profile) throws {
    var profile = profile.withoutExactCases
    profile.sessionShare = 1
    var coverage = Coverage()
    for index in 0..<1500 {
      let recipe = Recipe.draw(seed: 5, index: UInt64(index), profile: profile)
      coverage.count(recipe)
      #expect(try Recipe(recipe.text) == recipe)
      guard index % 30 == 0 else { continue }
      for candidate in recipe.simpler() {
        #expect(candidate < recipe)
        #expect(throws: Never.self) { try candidate.validate() }
      }
    }
    let missed = coverage.missed(in: profile).map(\.label).filter { $0.hasPrefix("session") }
    #expect(missed.isEmpty)
  }

  @Test func `smaller sizes cut a session to fit`() throws {
    var recipe = try Recipe(Self.session)
    recipe.T = 4
    let fitted = try #require(recipe.simpler().first { $0.T == 2 && $0.calls != nil })
    #expect(throws: Never.self) { try fitted.validate() }
  }
}
