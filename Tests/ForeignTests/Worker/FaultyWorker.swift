import Foreign
import Foundation
import GatedDeltaRule
import Support

/// A worker in Python's standard library that answers zeros of the right shapes, and misbehaves on its n-th problem.
struct FaultyWorker: ~Copyable {
  private let folder = TemporaryFolder()
  let command: String

  /// - Parameter fault: Python, run before the n-th problem is answered; it sees `n`, `metadata`, `shapes` (of the
  ///   inputs), `reply` (its metadata), `results` (names to shapes), `value` (of every element), `replies`, `kept` (a
  ///   dictionary that lasts).
  init(_ fault: String) throws {
    let body = fault.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n")
    let source = FaultyWorker.source.replacing("    FAULT", with: body)
    command = "python3 '\(try folder.write(Data(source.utf8), to: "worker.py"))'"
  }

  func program(_ patience: Program.Patience = Program.Patience()) -> Program {
    Program(name: "faulty", command: command, patience: patience)
  }

  private static let source = #"""
    import json, math, os, signal, struct, sys, time
    requests, replies, n, kept = sys.stdin.buffer, sys.stdout.buffer, 0, {}
    while True:
        prefix = requests.read(8)
        if len(prefix) < 8:
            break
        header = json.loads(requests.read(struct.unpack("<Q", prefix)[0]))
        metadata = header.pop("__metadata__")
        requests.read(max([e["data_offsets"][1] for e in header.values()], default=0))
        shapes = {name: entry["shape"] for name, entry in header.items()}
        reply, results, value = {"id": metadata["id"]}, {}, 0.0
        if metadata["request"] == "hello":
            n = -1
        else:
            B, T, Hk, Dk = shapes["q"]
            results = {"y": shapes["v"], "state_out": [B, shapes["v"][2], shapes["v"][3], Dk]}
        n += 1
        FAULT
        header, data = {"__metadata__": reply}, b""
        for name, shape in results.items():
            part = struct.pack("<f", value) * math.prod(shape)
            header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + len(part)]}
            data += part
        text = json.dumps(header).encode()
        replies.write(struct.pack("<Q", len(text)) + text + data)
        replies.flush()
    """#
}

extension Program {
  /// How the evaluation of a problem of zeros breaks down, or nil.
  func breakdown(_ problem: Problem) throws -> Breakdown? {
    do {
      _ = try evaluate(problem, request: Request())
      return nil
    } catch let breakdown as Breakdown {
      return breakdown
    }
  }
}
