import GatedDeltaRule

extension Contract {
  /// Each part alone, and what kernels of today compute.
  public static let cases: [Contract] = [
    "gate=bounded:-5", "gate=bounded:-1,noA", "beta=2sigmoid", "qk=l2norm:1e-6", "qk=l2norm:1", "scale=rsqrt",
    "scale=0.3", "decay=log", "layout=kv", "state=bf16", "state=f16",
    "gate=bounded:-5,qk=l2norm:1e-6,scale=rsqrt",
    "beta=2sigmoid,qk=l2norm:1e-12,scale=rsqrt,decay=log,state=bf16",
    "gate=bounded:-5,noA,beta=2sigmoid,qk=l2norm:1e-6,scale=rsqrt,decay=log,layout=kv,state=bf16",
  ].map { try! Contract($0) }
}
