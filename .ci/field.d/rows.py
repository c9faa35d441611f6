"""Rows: what a worker's run came to, a file for each, kept with the project."""

import json
import os
from pathlib import Path

from workers import ListError

# The keys of a row, and what each holds.
KEYS = {
    "name": str, "library": str, "version": str, "function": str, "contract": str, "command": str, "families": str, "gdr": str, "machine": str,
    "date": str, "seed": int, "seconds": int, "cases": int, "refused": int, "agrees": int, "degraded": int, "disagrees": int, "failed": int,
    "worst": (int, float, type(None)), "power": str, "map": str, "failures": dict, "recipes": list,
}  # fmt: skip


def of_record(worker, version, record, power, where):
    """The row of a merged record of gdr, in which this worker alone was under test."""
    total = record["total"]
    tally = next(t for t in total["ledger"]["tallies"] if t["implementation"] == worker.name)
    clocks = [part["clock"] for part in record["parts"]]
    begun = next((p["provenance"] for p in record["parts"] if "provenance" in p), {})
    return {
        "name": worker.name, "library": worker.library, "version": version, "function": worker.function, "contract": worker.contract,
        "command": worker.command, "families": worker.families, "gdr": begun.get("version", "unknown"), "machine": begun.get("machine", "unknown"),
        "date": day(min(c["started"] for c in clocks)), "seed": total["plan"]["seed"], "seconds": round(sum(c["elapsed"] for c in clocks)),
        "cases": total["ledger"]["cases"], "refused": sum(tally["refusals"].values()) + tally["otherRefusals"],
        **{grade: tally[grade] for grade in ("agrees", "degraded", "disagrees", "failed")},
        "worst": tally.get("worst", {}).get("ratio"), "power": power, "map": where,
        "failures": total["ledger"]["failures"], "recipes": sorted({f["finding"]["recipe"] for f in total["ledger"]["reduced"] if not f["isControl"]}),
    }  # fmt: skip


def day(seconds):
    import datetime

    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).date().isoformat()


def write(row, folder):
    """Whole or not at all."""
    path = Path(folder) / row["library"] / f"{row['name']}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(f".{os.getpid()}")
    beside.write_text(json.dumps(row, indent=1, ensure_ascii=False) + "\n")
    os.replace(beside, path)
    return path


def rows(folder):
    """By name. Raises ListError for a file that is no row."""
    found = {}
    for path in sorted(Path(folder).glob("*/*.json")):
        try:
            row = json.loads(path.read_text())
        except (OSError, ValueError) as error:
            raise ListError(f"{path}: {error}") from None
        if not isinstance(row, dict) or set(row) != set(KEYS):
            raise ListError(f"{path}: not a row: its keys are others")
        if strange := next((key for key, kind in KEYS.items() if not isinstance(row[key], kind)), None):
            raise ListError(f"{path}: {strange}: {json.dumps(row[strange])}")
        found[row["name"]] = row
    return found
