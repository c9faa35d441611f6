import GatedDeltaRule
import Generator
import Testing

/// Recipes of every case of every dimension with the digest of what they render to. They hold for ever: a change
/// of any means a new version of the recipe, under which this one still renders.
private let golden: [(text: String, digest: String)] = [
  ("v1/B1-T0-Hk1-Hv1-Dk1-Dv1/keys=equal/decay=none/write=0/f32/seed=0", "08a3c0eb8554f35e"),
  ("v1/B1-T4-Hk2-Hv4-Dk8-Dv8/keys=random/decay=-0.1/write=0.5/f32/seed=0", "a67053e498b78a4d"),
  (
    "v1/B1-T18-Hk1-Hv1-Dk1-Dv1/keys=equal/decay=none/write=0.999/state=random/mask=left:3/f32/seed=0",
    "53a6ffe3660831d3"
  ),
  (
    "v1/B2-T9-Hk1-Hv2-Dk3-Dv5/keys=flipped/q=key/decay=clamp:0/write=1/state=zeros/dy=last/bf16/seed=1",
    "8e4c561134eeb79f"
  ),
  (
    "v1/B1-T33-Hk2-Hv4-Dk2-Dv3/keys=cone:12.5/q=orthogonal/decay=-0.000123/write=logit:9.21/dstate=random/f32/seed=2",
    "806dc99be8cc1c2a"
  ),
  (
    "v1/B2-T21-Hk2-Hv4-Dk5-Dv2/keys=clusters:3:12.5/decay=-0.01/write=0.999/f32/seed=2",
    "c73016fc3f0af336"
  ),
  (
    "v1/B2-T17-Hk3-Hv6-Dk4-Dv2/keys=plane/decay=forget:15:-300:-0.001/write=logits:-8:16/state=lastRow/f16/seed=3",
    "b4f358dfd06eeaef"
  ),
  (
    "v1/B1-T20-Hk1-Hv3-Dk8-Dv4/keys=orthogonal/q=zero/decay=every:8:-27.6:0/write=1e-7/dstate=zeros/f32/seed=4",
    "db4e122f0c1abe2e"
  ),
  (
    "v1/B1-T5-Hk1-Hv1-Dk9-Dv1/keys=zero/v=zero/decay=-inf/write=0.9/state=spike/dy=zeros/dstate=random/f32/seed=5",
    "c92e97ea9b9dc7fb"
  ),
  (
    "v1/B3-T8-Hk1-Hv2-Dk3-Dv3/keys=tiny:1e-20/v=scaled:10000/decay=tail:5:-200:-0.1/write=0.999999/dy=mean/f32/seed=6",
    "a1c4bc85d469bec9"
  ),
  (
    "v1/B1-T16-Hk1-Hv1-Dk4-Dv4/keys=raw:1.2/decay=random:-0.003:3.5/write=wide:0:2/dy=none/dstate=random/f32/seed=7",
    "8d137e9a7363ca1f"
  ),
  (
    "v1/B2-T12-Hk2-Hv4-Dk3-Dv2/channels/keys=random/decay=mixture:0.5:-200:0/write=0.9/mask=right:5/pad=noise/f32/seed=8",
    "798495412be7dfe9"
  ),
  (
    "v1/B1-T31-Hk1-Hv2-Dk2-Dv2/model/keys=random/decay=-5/A_log=heads/dt_bias=heads/write=logits:-3:3/f32/seed=9",
    "4e430e05ee9da4e5"
  ),
  (
    "v1/B2-T7-Hk1-Hv2-Dk3-Dv2/model/channels/keys=random/decay=input:88:0/A_log=heads/dt_bias=heads/write=1/f32/seed=10",
    "d39bed8190ce876f"
  ),
  (
    "v1/B1-T6-Hk1-Hv2-Dk2-Dv2/model/keys=random/decay=input:-20:1/A_log=4/dt_bias=-4/write=0/bf16/seed=11",
    "7744cbddc90c2c9a"
  ),
  (
    "v1/B1-T6-Hk1-Hv2-Dk2-Dv2/model/keys=random/decay=clamp:-1/A_log=-inf/write=logit:-8/mask=all/f16/seed=12",
    "435da736dcb15bc5"
  ),
  (
    "v1/B2-T11-Hk1-Hv1-Dk3-Dv3/model/keys=random/decay=random:-1:1/A_log=2.7726/write=0.5/mask=holes:0.5/pad=nan/f32/seed=13",
    "f994f8be3ff55f05"
  ),
  (
    "v1/B1-T9-Hk1-Hv1-Dk2-Dv2/keys=random/decay=-1/write=0.5/mask=onlyFirst/pad=huge/f16/seed=14",
    "55b8bfaf8f2a3bef"
  ),
  (
    "v1/B1-T9-Hk1-Hv1-Dk2-Dv2/keys=random/decay=-1/write=0.5/mask=onlyLast/pad=inf/bf16/seed=15",
    "759f196c2de1d51a"
  ),
  (
    "v1/B2-T9-Hk1-Hv1-Dk2-Dv2/keys=random/decay=-1/write=0.5/mask=row:1/pad=huge/f32/seed=16",
    "1b285c69a9c647b5"
  ),
  (
    "v1/B3-T9-Hk1-Hv1-Dk2-Dv2/keys=orthogonal/decay=-88/write=0.5/mask=leftByRow:2/pad=noise/f32/seed=17",
    "f03b51dd0a831442"
  ),
  (
    "v1/B3-T9-Hk1-Hv1-Dk2-Dv2/keys=random/decay=-20/write=0.5/mask=rightByRow:3/pad=inf/f32/seed=18446744073709551615",
    "17d57401effc7d93"
  ),
  (
    "v1/B2-T9-Hk1-Hv2-Dk4-Dv3/numbers=exact:3:50/keys=flipped/q=orthogonal/decay=halves:0.2/write=halves:0.2:0.3/state=random/dstate=random/mask=holes:0.5/pad=nan/bf16/seed=18",
    "7dc8089290e1f017"
  ),
  (
    "v1/B1-T7-Hk2-Hv4-Dk5-Dv2/channels/numbers=exact:1:30/keys=random/decay=halves:0.1/write=1/state=lastRow/f16/seed=19",
    "3e700c2f6293c47d"
  ),
]

@Test(arguments: golden) func `a recipe renders to the bits it always had`(text: String, digest: String)
  throws
{
  let recipe = try Recipe(text)
  #expect(recipe.text == text)
  #expect(try recipe.render().digest == digest)
}

@Test func `the golden recipes have every case of every dimension`() throws {
  let fields = [
    "keys=", "q=", "v=", "state=", "dy=", "dstate=", "mask=", "pad=", "decay=", "A_log=", "write=",
  ]
  // These are told by a number, not by a case, or by a size.
  let numbers: Set = [
    "A_log=100", "A_log=heads with Hv>=2", "decay rounds to 1 in bf16", "keys=cone below 5 degrees",
    "decay=-27.6", "decay=input underflows",
  ]
  let expected = Set(Label.all.map(\.name).filter { name in fields.contains { name.hasPrefix($0) } })
  let found = Set(try golden.flatMap { try Recipe($0.text).labels })
  #expect(expected.subtracting(numbers).subtracting(found) == [])
}

@Test func `the digest sees every tensor, the shape, the format and the mask`() throws {
  let problem = try Recipe(T: 2, state: .zeros, dstate: .zeros).render()
  var digests: Set = [problem.digest]
  let changes: [(inout Primals) -> Void] = [
    { $0.q.values[0] += 1 }, { $0.k.values[1] += 1 }, { $0.v.values[0] += 1 }, { $0.state!.values[0] = -0.0 },
    { $0.state = nil }, { $0.v = $0.v.rounded(to: .bf16) },
  ]
  for (index, change) in changes.enumerated() {
    var primals = problem.primals
    change(&primals)
    digests.insert(try Problem(shape: problem.shape, primals: primals, cotangents: problem.cotangents).digest)
    #expect(digests.count == index + 2)
  }
  let masked = try Recipe(T: 2, state: .zeros, dstate: .zeros, mask: .all).render()
  #expect(digests.insert(masked.digest).inserted)
}
