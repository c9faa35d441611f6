"""What gdr's own studies say of a worker: the smallest fault that a run finds, and where the implementation is safe."""

import csv
import json
import re
import subprocess

# Cases of the sample: what is found depends on what is declared more than on them.
SAMPLE = "4"


def power(gdr, worker, folder):
    """From which relative fault of all of y a run of 2,000 cases finds it, by format of the inputs."""
    table = folder / "power.csv"
    command = [gdr, "power", "--against", against(worker), "--cases", SAMPLE, "--jobs", "1", "--csv", str(table)]
    if not ran(command, folder / "power.txt") or not table.exists():
        return ""
    with open(table) as lines:
        found = [r for r in csv.DictReader(lines) if (r["result"], r["extent"]) == ("y", "all") and "2000" in r["over"].replace(",", "")]
    return ", ".join(f"{r['format']} {r['fault'] or '-'}" for r in found)


def where(gdr, worker, folder, seconds):
    """The axes on which it does not agree everywhere, as gdr map says them of the places that it comes to in that time."""
    family = worker.families.split(",")[0]
    command = [gdr, "map", "--against", against(worker), "--quick", "--for", f"{seconds}s", "--jobs", "1", "--to", str(folder / "map")]
    if not ran(command + (["--families", family] if family else []), folder / "map.txt"):
        return ""
    return of_map(json.loads((folder / "map" / "map.json").read_text()))


def of_map(sheet):
    lines = [(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", line["axis"]), line["sentence"]) for line in sheet["lines"]]
    odd = [f"{axis}: {sentence}" for axis, sentence in lines if not sentence.startswith("agrees everywhere")]
    return "; ".join(odd) or "everywhere"


def against(worker):
    return f"{worker.name}={worker.command}"


def ran(command, log):
    with open(log, "w") as lines:
        return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=lines, stderr=subprocess.STDOUT).returncode in (0, 1)
