"""What gdr's own studies say of a worker: the smallest fault that a run finds, and where the implementation is safe."""

import csv
import json
import re
import subprocess

# Cases of the sample: what is found depends on what is declared more than on them.
SAMPLE = "4"
# What a sentence of the map says beside where it agrees.
VAGUE = r", where 1 % off would agree too|, \d+ of \d+ places not evaluated"


def power(gdr, worker, folder):
    """From which relative fault of all of y a run of 2,000 cases finds it, by format of the inputs."""
    table = folder / "power.csv"
    if table.exists():
        return of_power(table)
    command = [gdr, "power", "--against", against(worker), "--cases", SAMPLE, "--jobs", "1", "--csv", str(table)]
    return of_power(table) if ran(command, folder / "power.txt") and table.exists() else ""


def of_power(table):
    with open(table) as lines:
        found = [r for r in csv.DictReader(lines) if (r["result"], r["extent"]) == ("y", "all") and "2000" in r["over"].replace(",", "")]
    return ", ".join(f"{r['format']} {r['fault'] or '-'}" for r in found)


def where(gdr, worker, folder, seconds):
    """The axes on which it does not agree everywhere, as gdr map says them of the places that it comes to in that time."""
    family = worker.map_family or worker.families.split(",")[0]
    sheet = folder / "map" / "map.json"
    command = [gdr, "map", "--against", against(worker), "--quick", "--for", f"{seconds}s", "--jobs", "1", "--to", str(folder / "map")]
    if not sheet.exists() and not ran(command + (["--families", family] if family else []), folder / "map.txt"):
        return ""
    return of_map(json.loads(sheet.read_text()))


def of_map(sheet):
    """`everywhere`, or the axes on which something is wrong or degraded; less where the time was over before the last place."""
    lines = [(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", line["axis"]), re.sub(VAGUE, "", line["sentence"])) for line in sheet["lines"]]
    odd = [f"{axis}: {said}" for axis, said in lines if not said.startswith(("agrees everywhere", "agrees where evaluated", "not evaluated"))]
    partly = any("not evaluated" in line["sentence"] for line in sheet["lines"])
    return "; ".join(odd) or ("where evaluated" if partly else "everywhere")


def against(worker):
    return f"{worker.name}={worker.command}"


def ran(command, log):
    with open(log, "w") as lines:
        return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=lines, stderr=subprocess.STDOUT).returncode in (0, 1)
