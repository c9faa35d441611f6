import Foreign
import Foundation
import Generator
import Oracle
import Support

/// A worker in Python's standard library that computes the rule, forward and for one head of scalar decay in fp32, and
/// misbehaves as it is told to.
struct HonestWorker: ~Copyable {
  private let folder = TemporaryFolder()
  let command: String

  /// What it takes.
  static let family = "Hk1-Hv1-Dk2-Dv3/f32"

  /// - Parameter fault: Python, run before a problem is answered; it sees `n`, the number of the problem in this
  ///   process, `reply` (its metadata), `results` (names to shape and values), `replies`, `kept` (a dictionary that
  ///   lasts).
  init(_ fault: String = "pass") throws {
    let source = HonestWorker.source.replacing("FAULT", with: fault)
    command = "python3 '\(try folder.write(Data(source.utf8), to: "worker.py"))'"
  }

  /// A run of cases that it takes.
  func run(cases: Int, _ patience: Program.Patience = Program.Patience()) throws -> Campaign.Summary {
    let program = Program(name: "faulty", command: command, patience: patience)
    var plan = Campaign.Plan.small([program], seed: 5, cases: cases)
    plan.profile.families = [try Family(HonestWorker.family)]
    return try plan.run()
  }

  private static let source = #"""
    import json, math, os, signal, struct, sys, time
    requests, replies, n, kept = sys.stdin.buffer, sys.stdout.buffer, 0, {}

    def rule(x, B, T, K, V):
        S = x.get("state_in", [0.0] * (B * V * K))[:]
        y = [0.0] * (B * T * V)
        for b in range(B):
            for t in range(T):
                token = b * T + t
                if not x.get("mask", [1] * (B * T))[token]:
                    continue
                k, q = (x[name][token * K : (token + 1) * K] for name in "kq")
                for i in range(V):
                    row = (b * V + i) * K
                    s = [S[row + j] * x["g"][token] for j in range(K)]
                    e = x["beta"][token] * (x["v"][token * V + i] - sum(a * c for a, c in zip(s, k)))
                    S[row : row + K] = s = [a + e * c for a, c in zip(s, k)]
                    y[token * V + i] = sum(a * c for a, c in zip(s, q))
        return y, S

    while True:
        prefix = requests.read(8)
        if len(prefix) < 8:
            break
        header = json.loads(requests.read(struct.unpack("<Q", prefix)[0]))
        metadata = header.pop("__metadata__")
        data = requests.read(max([e["data_offsets"][1] for e in header.values()], default=0))
        x = {}
        for name, entry in header.items():
            begin, end = entry["data_offsets"]
            count = math.prod(entry["shape"])
            x[name] = list(struct.unpack("<%d%s" % (count, {"F32": "f", "F64": "d", "BOOL": "?"}[entry["dtype"]]), data[begin:end]))
        reply, results = {"id": metadata["id"]}, {}
        if metadata["request"] == "evaluate":
            B, T, Hk, K = header["q"]["shape"]
            Hv, V = header["v"]["shape"][2:]
            if metadata["level"] == "model" or len(header["g"]["shape"]) == 4 or Hv > 1:
                reply["refusal"] = "takes one head, g and beta"
            else:
                n += 1
                y, S = rule(x, B, T, K, V)
                results = {"y": (header["v"]["shape"], y), "state_out": ([B, 1, V, K], S)}
                FAULT
        header, data = {"__metadata__": reply}, b""
        for name, (shape, values) in results.items():
            part = struct.pack("<%dd" % len(values), *values)
            header[name] = {"dtype": "F64", "shape": shape, "data_offsets": [len(data), len(data) + len(part)]}
            data += part
        text = json.dumps(header).encode()
        replies.write(struct.pack("<Q", len(text)) + text + data)
        replies.flush()
    """#
}
