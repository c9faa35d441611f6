"""A worker that misbehaves in one way: python3 worker.py WAY. It answers zeros where it answers at all."""

import json
import os
import struct
import subprocess
import sys
import time

way = sys.argv[1]
forever = 1e6


def take():
    prefix = sys.stdin.buffer.read(8)
    if len(prefix) < 8:
        sys.exit(0)
    header = json.loads(sys.stdin.buffer.read(struct.unpack("<Q", prefix)[0]))
    metadata = header.pop("__metadata__", {})
    sys.stdin.buffer.read(max([entry["data_offsets"][1] for entry in header.values()], default=0))
    return metadata, header


def give(header, data=b""):
    text = json.dumps(header).encode()
    sys.stdout.buffer.write(struct.pack("<Q", len(text)) + text + data)
    sys.stdout.buffer.flush()


def zeros(metadata, tensors):
    B, T, Hv, Dv = tensors["v"]["shape"]
    Dk = tensors["q"]["shape"][3]
    header, end = {"__metadata__": metadata}, 0
    for name, shape, count in ("y", [B, T, Hv, Dv], B * T * Hv * Dv), ("state_out", [B, Hv, Dv, Dk], B * Hv * Dv * Dk):
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [end, end + 4 * count]}
        end += 4 * count
    give(header, bytes(end))


hello = {"gradients": "none"}
text = "\033]0;title\a\033[31m\u009b\u202e\u2028\n::error::x ##[error]y"
if way == "form":
    hello["form"] = "chunked:9223372036854775807"
elif way == "texts":
    hello.update(name=text, library=text, version=text)
elif way == "mute":
    time.sleep(forever)
elif way == "group":
    os.setsid()
elif way == "child":
    subprocess.Popen([sys.executable, "-c", f"import time; time.sleep({forever})"])

answers = 0
while True:
    metadata, tensors = take()
    ids = {"id": metadata["id"]}
    if metadata["request"] == "hello":
        if way == "hello":
            time.sleep(forever)
        give({"__metadata__": {**hello, **ids, "name": hello.get("name", way), "protocol": "1"}})
        if way == "status":
            os._exit(3)
        continue
    answers += 1
    if way == "closed":
        os.close(1)
        time.sleep(forever)
    elif way in ("group", "child", "answer") or (way == "later" and answers > 10):
        time.sleep(forever)
    elif way == "texts":
        give({"__metadata__": {**ids, "error" if answers % 2 else "refusal": text}})
    elif way == "seconds":
        zeros({**ids, "seconds": "inf", "peak_bytes": "9223372036854775807"}, tensors)
    elif way == "slow":
        # The failure that it is reduced by takes its time.
        time.sleep(0.7)
        give({"__metadata__": {**ids, "error": "slow"}})
    else:
        zeros(ids, tensors)
