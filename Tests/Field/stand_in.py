#!/usr/bin/env python3
"""Stands in for gdr: as many cases as are asked for, of which every tenth fails, and a state behind each."""

import json
import os
import sys
import time
from pathlib import Path


def option(name, standard=None):
    return sys.argv[sys.argv.index(name) + 1] if name in sys.argv else standard


def write(path, content):
    beside = Path(f"{path}.{os.getpid()}")
    beside.write_text(json.dumps(content))
    os.replace(beside, path)


def part(shard, indices):
    failing = [i for i in indices if i % 10 == 0]
    tally = {"implementation": "one", "agrees": len(indices) - len(failing), "degraded": 0, "disagrees": len(failing), "failed": 0,
             "refusals": {}, "otherRefusals": 0, "worst": {"ratio": 0.5}}  # fmt: skip
    return {"shard": shard, "clock": {"started": 1e9, "elapsed": 2.0}, "provenance": {"version": "0.2.0", "machine": "a machine"},
            "ledger": {"cases": len(indices), "tallies": [tally], "failures": {"wrong formula y": len(failing)}, "reduced": []}}  # fmt: skip


def total(parts):
    ledger = {"cases": 0, "tallies": [], "failures": {"wrong formula y": 0}, "reduced": []}
    for one in parts:
        ledger["cases"] += one["ledger"]["cases"]
        ledger["failures"]["wrong formula y"] += one["ledger"]["failures"]["wrong formula y"]
        if not ledger["tallies"]:
            ledger["tallies"] = [dict(one["ledger"]["tallies"][0])]
        else:
            for grade in ("agrees", "disagrees"):
                ledger["tallies"][0][grade] += one["ledger"]["tallies"][0][grade]
    return {"plan": {"seed": 1}, "ledger": ledger}


def fuzz():
    if option("--against").endswith("=fail"):
        print("the worker left")
        return 65
    state = Path(option("--state"))
    shard, shards = (int(n) for n in option("--shard", "1/1").split("/"))
    indices = [i for i in range(int(option("--cases"))) if i % shards == shard - 1]
    done = json.loads(state.read_text())["done"] if state.exists() else 0
    with open(state.with_name("starts" if shards == 1 else f"starts-{shard}"), "a") as starts:
        starts.write(f"{done}\n")
    if done == len(indices):
        return 65
    for done in range(done + 1, len(indices) + 1):
        time.sleep(float(os.environ.get("STAND_IN_PAUSE", 0)))
        write(state, {"done": done, "parts": [part(shard, indices[:done])]})
    return 1


def merge():
    place = sys.argv.index("--to")
    parts = [json.loads(Path(p).read_text())["parts"][0] for p in sys.argv[2:place]]
    write(sys.argv[place + 1], {"parts": parts, "total": total(parts)})
    return 0


def draw_map():
    folder = Path(option("--to"))
    folder.mkdir(exist_ok=True)
    write(folder / "map.json", {"lines": [{"axis": "decay", "sentence": "agrees everywhere"}, {"axis": "T", "sentence": "wrong from 64 on"}]})
    return 0


if __name__ == "__main__":
    sys.exit({"fuzz": fuzz, "merge-reports": merge, "map": draw_map}.get(sys.argv[1], lambda: 0)())
