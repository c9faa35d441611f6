import Testing
import gdr

@Suite struct ShardTests {
  static let slurm = [
    "SLURM_ARRAY_TASK_ID": "7", "SLURM_ARRAY_TASK_MIN": "3", "SLURM_ARRAY_TASK_MAX": "9",
    "SLURM_ARRAY_TASK_STEP": "2", "SLURM_ARRAY_TASK_COUNT": "4",
  ]

  @Test(arguments: [
    (slurm, "3/4"),
    (["SLURM_ARRAY_TASK_ID": "2", "SLURM_ARRAY_TASK_MIN": "2", "SLURM_ARRAY_TASK_COUNT": "1"], "1/1"),
    // One task run again alone.
    (
      [
        "SLURM_ARRAY_TASK_ID": "2", "SLURM_ARRAY_TASK_MIN": "2", "SLURM_ARRAY_TASK_COUNT": "1",
        "GDR_SHARD_TOTAL": "4",
      ], "2/4"
    ),
    (["JOB_COMPLETION_INDEX": "0", "GDR_SHARD_TOTAL": "5"], "1/5"),
    (["CI_NODE_INDEX": "5", "CI_NODE_TOTAL": "5"], "5/5"),
    (["GDR_SHARD_INDEX": "1", "GDR_SHARD_TOTAL": "2", "CI_NODE_INDEX": "9", "CI_NODE_TOTAL": "9"], "2/2"),
  ])
  func `every engine is understood`(environment: [String: String], expected: String) throws {
    let shard = try Shard("auto", environment: environment)
    #expect("\(shard.number)/\(shard.count)" == expected)
  }

  @Test(
    arguments: [
      (
        [:],
        "none of GDR_SHARD_INDEX, SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX and CI_NODE_INDEX is set"
      ),
      (["JOB_COMPLETION_INDEX": "0"], "GDR_SHARD_TOTAL is not set"),
      (
        ["CI_NODE_INDEX": "", "GDR_SHARD_INDEX": "1", "GDR_SHARD_TOTAL": "x"],
        "GDR_SHARD_TOTAL is 'x', no whole number"
      ),
      (["GDR_SHARD_INDEX": "4", "GDR_SHARD_TOTAL": "4"], "GDR_SHARD_INDEX makes this shard 5 of 4"),
      (["CI_NODE_INDEX": "0", "CI_NODE_TOTAL": "4"], "CI_NODE_INDEX makes this shard 0 of 4"),
      (
        slurm.merging(["SLURM_ARRAY_TASK_COUNT": "3"]) { $1 }, "the Slurm array has gaps; say --shard k/n"
      ),
      (
        ["GDR_SHARD_INDEX": "9223372036854775807", "GDR_SHARD_TOTAL": "1"],
        "GDR_SHARD_INDEX is '9223372036854775807', no whole number"
      ),
    ] as [([String: String], String)])
  func `half an environment is one line`(environment: [String: String], reason: String) {
    #expect(throws: UsageError.noShard(reason)) { try Shard("auto", environment: environment) }
  }

  @Test(arguments: ["", "0/4", "5/4", "1/0", "a/b", "1", "1/2/3", "1/", "/2", "-1/2", "1/99999999"])
  func `what is no shard is none`(text: String) {
    #expect(throws: UsageError.notAShard(text)) { try Shard(text, environment: [:]) }
  }
}
