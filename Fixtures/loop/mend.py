#!/usr/bin/env python3
"""A loop around `gdr judge`: plants a fault in a copy of kernel.py, and mends it by nothing but the JSON.

    python3 mend.py [FAULT] [--for TIME]       FAULT: one of faults.py; left out, one is drawn

GDR names the binary (gdr). It judges, takes the known faults that the findings name, undoes the first that it can, and judges again, each time with other
cases, until the kernel passes or nothing is left to try. Where a program writes kernels, its model stands in the place of `mended`.
"""

import argparse
import json
import os
import random
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from faults import FAULTS, mended, planted

HERE = Path(__file__).resolve().parent
ROUNDS = 4


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("fault", nargs="?", choices=sorted(FAULTS), metavar="FAULT")
    parser.add_argument("--for", dest="time", default="15s", metavar="TIME", help="of one verdict, at most")
    options = parser.parse_args()
    fault = options.fault or random.choice(sorted(FAULTS))
    with tempfile.TemporaryDirectory() as folder:
        kernel = Path(folder) / "kernel.py"
        kernel.write_text(planted((HERE / "kernel.py").read_text(), fault))
        print(f"planted: {fault}")
        return mend(kernel, options.time)


def mend(kernel, time):
    """0 where the kernel passes in the end, 1 where it was given up."""
    tried = set()
    for _ in range(ROUNDS):
        verdict = judged(kernel, time)
        print(verdict["verdict"], *(f"  {reason}" for reason in verdict["reasons"]), sep="\n")
        if verdict["verdict"] != "fails":
            return 0 if verdict["verdict"] == "passes" else 1
        for finding in verdict["findings"]:
            print(f"cause of {', '.join(finding['results'])}: {(finding.get('cause') or {}).get('text', 'cause unknown')}")
        name, text = next(attempts(verdict, kernel.read_text(), tried), (None, None))
        if name is None:
            print("given up: no known fault that is left to undo")
            return 1
        tried.add(name)
        kernel.write_text(text)
        print(f"undone: {name}")
    print(f"given up after {ROUNDS} rounds")
    return 1


def judged(kernel, time):
    """What `gdr judge` says, with cases that nobody knows before."""
    command = shlex.join([sys.executable, str(kernel), str(HERE.parent / "workers")])
    words = [os.environ.get("GDR", "gdr"), "judge", "--against", f"kernel={command}", "--cases", "60", "--for", time, "--size", "small", "--json", "-"]
    ended = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    if ended.returncode not in (0, 1, 4):
        sys.exit(f"gdr judge: exit code {ended.returncode}")
    return json.loads(ended.stdout)


def attempts(verdict, text, tried):
    """(name, mended text) for the known faults that the findings name, the worst finding first, each once."""
    for finding in verdict["findings"]:
        for known in finding.get("known", []):
            name = known.split("/")[-1]
            changed = None if name in tried else mended(text, name)
            if changed is not None:
                yield name, changed


if __name__ == "__main__":
    sys.exit(main())
