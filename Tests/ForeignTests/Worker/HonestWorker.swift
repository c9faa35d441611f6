import Foreign
import Foundation
import Generator
import Oracle
import Support

/// A worker in Python's standard library that computes the rule, forward and for one head of scalar decay in fp32, plain or
/// in the steps of a session, and misbehaves as it is told to.
struct HonestWorker: ~Copyable {
  private let folder = TemporaryFolder()
  let command: String

  /// What it takes.
  static let family = "Hk1-Hv1-Dk2-Dv3/f32"

  /// - Parameter fault: Python, run before a problem is answered; it sees `n`, the number of the problem in this
  ///   process, `reply` (its metadata), `results` (names to shape and values), `replies`, `kept` (a dictionary that
  ///   lasts).
  /// - Parameter calls: what its hello says of steps; nil for nothing.
  /// - Parameter heads: value heads that it takes at most.
  /// - Parameter stepFault: Python, run before a step is answered; it sees `step`, the metadata, and the same.
  init(_ fault: String = "pass", calls: [String: String]? = nil, heads: Int = 1, stepFault: String = "pass")
    throws
  {
    let hello = (calls ?? [:]).map { "reply['\($0)'] = '\($1)'" }.joined(separator: "; ")
    let source = HonestWorker.source.replacing("STEP_FAULT", with: stepFault)
      .replacing("FAULT", with: fault).replacing("HEADS", with: "\(heads)").replacing(
        "HELLO", with: hello.isEmpty ? "pass" : hello)
    command = "python3 '\(try folder.write(Data(source.utf8), to: "worker.py"))'"
  }

  /// A run of cases that it takes.
  ///
  /// - Parameter sessions: the share of those that come in several calls.
  func run(
    cases: Int, sessions: Double = Profile.usualSessionShare,
    _ patience: Program.Patience = Program.Patience()
  ) throws -> Campaign.Summary {
    let program = Program(name: "faulty", command: command, patience: patience)
    var plan = Campaign.Plan.small([program], seed: 5, cases: cases)
    plan.profile.families = [try Family(HonestWorker.family)]
    plan.profile.sessionShare = sessions
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

    def heads(x, B, T, H, K, V):
        def of(h, a, w):
            return [c for i in range(len(a) // (H * w)) for c in a[(i * H + h) * w : (i * H + h + 1) * w]]
        widths = dict(v=V, g=1, beta=1, state_in=V * K)
        each = [rule({n: of(h, a, widths[n]) if n in widths else a for n, a in x.items()}, B, T, K, V) for h in range(H)]
        def joined(parts, w):
            return [c for i in range(len(parts[0]) // w) for part in parts for c in part[i * w : (i + 1) * w]]
        return joined([y for y, _ in each], V), joined([S for _, S in each], V * K)

    def single(a):
        try:
            return struct.unpack("<f", struct.pack("<f", a))[0]
        except OverflowError:
            return math.copysign(math.inf, a)

    def answer(step, x, header):
        numbers = lambda key: [int(n) for n in step[key].split(",")]
        ends, slots, fresh = (numbers(key) for key in ("cu_seqlens", "slots", "fresh"))
        if "pool" in x:
            kept.clear()
            kept[step.get("session")] = x["pool"], header["pool"]["shape"]
        pool, shape = kept[step.get("session")]
        size = math.prod(shape[1:])
        states = lambda all, at: all[at * size : (at + 1) * size]
        before, history, y = pool[:], [], []
        for i, slot in enumerate(slots):
            if step["kind"] == "keep" and slot >= 0:
                pool[slot * size : (slot + 1) * size] = states(x["history"], ends[i] + i + numbers("kept")[i])
            if step["kind"] == "fork" and slot >= 0:
                pool[slot * size : (slot + 1) * size] = states(before, numbers("sources")[i])
        if step["kind"] in ("advance", "verify"):
            H, V, K = shape[1:]
            longest = header["q"]["shape"][1]
            y = [0.0] * math.prod(header["v"]["shape"])
            for i, slot in enumerate(slots):
                S = [0.0] * size if slot < 0 or fresh[i] else states(before, slot)
                history += S
                for t in range(ends[i + 1] - ends[i]):
                    token = i * longest + t if step["padded"] == "yes" else ends[i] + t
                    one = {name: x[name][token * w : (token + 1) * w] for name, w in dict(q=K, k=K, v=V * H, g=H, beta=H).items()}
                    if slot >= 0:
                        y[token * V * H : (token + 1) * V * H], S = heads(one | {"state_in": S}, 1, 1, H, K, V)
                        S = [single(a) for a in S]
                    history += S
                if slot >= 0 and step["kind"] == "advance":
                    pool[slot * size : (slot + 1) * size] = S
        results = {"pool": (shape, pool)}
        if step["kind"] in ("advance", "verify"):
            results["y"] = (header["v"]["shape"], y)
        if step["snapshots"] == "yes":
            results["history"] = ([ends[-1] + len(slots)] + shape[1:], history)
        return results

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
        if metadata["request"] == "hello":
            HELLO
        elif metadata["request"] == "step":
            n, step = n + 1, metadata
            takes_tokens = "q" in x
            if takes_tokens and (step["level"] == "model" or len(header["g"]["shape"]) == 4 or header["v"]["shape"][2] > HEADS):
                reply["refusal"] = "takes one head, g and beta"
            else:
                results = answer(step, x, header)
                STEP_FAULT
        elif metadata["request"] == "evaluate":
            B, T, Hk, K = header["q"]["shape"]
            Hv, V = header["v"]["shape"][2:]
            if metadata["level"] == "model" or len(header["g"]["shape"]) == 4 or Hv > HEADS:
                reply["refusal"] = "takes one head, g and beta"
            else:
                n += 1
                y, S = heads(x, B, T, Hv, K, V)
                results = {"y": (header["v"]["shape"], y), "state_out": ([B, Hv, V, K], S)}
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
