/// Which part of a run this process takes: the cases i with i mod `count` == `number` - 1.
package struct Shard: Hashable, Sendable {
  /// From 1.
  package var number: Int
  /// Of how many.
  package var count: Int

  /// `2/4`, or `auto`, which asks the environment.
  package init(_ text: String, environment: [String: String]) throws(UsageError) {
    if text == "auto" {
      self = try Shard(environment: environment)
      return
    }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let number = parts[0], let count = parts[1], count <= Shard.most,
      count >= 1, (1...count).contains(number)
    else { throw .notAShard(text) }
    (self.number, self.count) = (number, count)
  }

  private init(number: Int, count: Int) { (self.number, self.count) = (number, count) }

  private static let most = 1_000_000
}

extension Shard {
  /// What the environment says; what was set for gdr on purpose comes first:
  ///
  /// - `GDR_SHARD_INDEX` (from 0) and `GDR_SHARD_TOTAL`; in a GitHub matrix `${{ strategy.job-index }}` and
  ///   `${{ strategy.job-total }}`
  /// - a Slurm array: `SLURM_ARRAY_TASK_ID`, counted from `SLURM_ARRAY_TASK_MIN` in steps of
  ///   `SLURM_ARRAY_TASK_STEP`, of `SLURM_ARRAY_TASK_COUNT`; where one task of an array of 1 to n is run again alone,
  ///   `GDR_SHARD_TOTAL` says n
  /// - an indexed Kubernetes job: `JOB_COMPLETION_INDEX` (from 0), of `GDR_SHARD_TOTAL`, since Kubernetes does not tell
  ///   its pods how many there are
  /// - GitLab's `parallel`: `CI_NODE_INDEX` (from 1) of `CI_NODE_TOTAL`
  private init(environment: [String: String]) throws(UsageError) {
    let variables = Variables(environment)
    if variables.has("GDR_SHARD_INDEX") {
      try self.init(variables, index: "GDR_SHARD_INDEX", from: 0, total: "GDR_SHARD_TOTAL")
    } else if variables.has("SLURM_ARRAY_TASK_ID") {
      try self.init(slurm: variables)
    } else if variables.has("JOB_COMPLETION_INDEX") {
      try self.init(variables, index: "JOB_COMPLETION_INDEX", from: 0, total: "GDR_SHARD_TOTAL")
    } else if variables.has("CI_NODE_INDEX") {
      try self.init(variables, index: "CI_NODE_INDEX", from: 1, total: "CI_NODE_TOTAL")
    } else {
      throw .noShard(
        "none of GDR_SHARD_INDEX, SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX and CI_NODE_INDEX is set")
    }
  }

  private init(slurm variables: Variables) throws(UsageError) {
    // A task that is run again alone is an array of one to Slurm, so what was set on purpose comes first.
    if variables.has("GDR_SHARD_TOTAL") {
      try self.init(variables, index: "SLURM_ARRAY_TASK_ID", from: 1, total: "GDR_SHARD_TOTAL")
      return
    }
    let id = try variables.number("SLURM_ARRAY_TASK_ID")
    let first = try variables.number("SLURM_ARRAY_TASK_MIN")
    let count = try variables.number("SLURM_ARRAY_TASK_COUNT")
    let last = variables.has("SLURM_ARRAY_TASK_MAX") ? try variables.number("SLURM_ARRAY_TASK_MAX") : nil
    let step = variables.has("SLURM_ARRAY_TASK_STEP") ? try variables.number("SLURM_ARRAY_TASK_STEP") : 1
    guard step >= 1, last.map({ ($0 - first) / step + 1 == count }) ?? true, (id - first) % step == 0 else {
      throw .noShard("the Slurm array has gaps; say --shard k/n")
    }
    try self.init(checking: (id - first) / step + 1, of: count, source: "SLURM_ARRAY_TASK_ID")
  }

  private init(_ variables: Variables, index: String, from base: Int, total: String) throws(UsageError) {
    try self.init(
      checking: try variables.number(index) - base + 1, of: try variables.number(total), source: index)
  }

  private init(checking number: Int, of count: Int, source: String) throws(UsageError) {
    guard (1...Shard.most).contains(count), (1...count).contains(number) else {
      throw .noShard("\(source) makes this shard \(number) of \(count)")
    }
    self.init(number: number, count: count)
  }

  private struct Variables {
    let values: [String: String]

    init(_ values: [String: String]) { self.values = values }

    func has(_ name: String) -> Bool { values[name]?.isEmpty == false }

    func number(_ name: String) throws(UsageError) -> Int {
      guard let text = values[name], !text.isEmpty else { throw .noShard("\(name) is not set") }
      // What no sum below can overflow.
      guard let number = Int(text), number.magnitude < 1 << 40 else {
        throw .noShard("\(name) is '\(text)', no whole number")
      }
      return number
    }
  }
}
