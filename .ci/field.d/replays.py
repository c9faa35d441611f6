"""Saved findings of libraries: whether they still fail as recorded, in the version that is installed."""

import json
import re
import subprocess
from pathlib import Path

SAME, CHANGED, BAD = 0, 2, 65


def replay_known(gdr, listed, folder):
    """A line for each finding whose worker is in the list; 1 where one came out otherwise."""
    fine = True
    by_name = {w.name: w for w in listed}
    for path in sorted(Path(folder).glob("*.json")):
        finding = json.loads(path.read_text())["finding"]
        if (worker := by_name.get(finding["implementation"])) is None:
            continue
        if reason := worker.obstacle():
            print(f"not run  {path.name}: {reason}", flush=True)
            continue
        line, as_recorded = replayed(gdr, path, finding, worker)
        print(line, flush=True)
        fine &= as_recorded
    return 0 if fine else 1


def replayed(gdr, path, finding, worker):
    command = [gdr, "replay", str(path), "--against", f"{worker.name}={worker.command}", *worker.deadline]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    version = f"{worker.library} {worker.version()}"
    if done.returncode == SAME:
        return f"the same {path.name}: {version}", True
    recorded = re.search(rf"{re.escape(worker.library)} ([\d.]+\d)", finding.get("why", ""))
    was = "" if recorded is None else ", in which it was recorded: not the library" if recorded[1] == worker.version() else f", recorded with {recorded[1]}"
    last = (done.stdout + done.stderr).strip().split("\n")[-1]
    return f"{'changed ' if done.returncode == CHANGED else 'failed  '} {path.name}: {version}{was}: {last}", False
