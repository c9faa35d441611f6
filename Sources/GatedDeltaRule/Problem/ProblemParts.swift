/// What a problem is made of, in one place that copies of it share. Nothing in it changes.
@usableFromInline final class ProblemParts: Sendable {
  @usableFromInline let shape: Shape
  @usableFromInline let primals: Primals
  @usableFromInline let mask: Mask?
  @usableFromInline let cotangents: Outputs
  @usableFromInline let contract: Contract
  @usableFromInline let calls: Calls?

  init(
    shape: Shape, primals: Primals, mask: Mask?, cotangents: Outputs, contract: Contract, calls: Calls?
  ) {
    (self.shape, self.primals, self.mask, self.cotangents) = (shape, primals, mask, cotangents)
    (self.contract, self.calls) = (contract, calls)
  }
}

extension ProblemParts: Hashable {
  @usableFromInline static func == (one: ProblemParts, other: ProblemParts) -> Bool {
    one === other
      || one.shape == other.shape && one.contract == other.contract && one.mask == other.mask
        && one.calls == other.calls && one.primals == other.primals && one.cotangents == other.cotangents
  }

  @usableFromInline func hash(into hasher: inout Hasher) {
    hasher.combine(shape)
    hasher.combine(primals)
    hasher.combine(mask)
    hasher.combine(cotangents)
    hasher.combine(contract)
    hasher.combine(calls)
  }
}
