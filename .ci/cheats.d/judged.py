"""Workers of Fixtures/cheats before `gdr judge`."""

import json
import os
import shlex
import subprocess

from expected import EXPECTED

CASES = "50"
# Until how it cheats is named, each with twice the time of the one before.
RUNS = 4
# How many times as long everything has: for a machine that does other things as well.
PATIENCE = float(os.environ.get("GDR_PATIENCE", "1"))
TIMEOUT = 600 * PATIENCE
# Large enough for those that cheat where a call is a measurement.
LAYER = ("--layer", "8/8/16/16", "--T", "512")
LOOP = "decay-of-update"
EXIT = {"passes": 0, "fails": 1, "incomplete": 4}


class Judge:
    def __init__(self, gdr, python):
        self.gdr, self.python = gdr, python

    def line(self, name):
        """`ok`, what it is and by what it was seen; or FAILED and what was said instead."""
        expected = EXPECTED[name]
        command = f"kernel={shlex.quote(self.python)} Fixtures/cheats/cheat.py {name}"
        try:
            # That it cheats shows in each run. How it does hangs on what is drawn, and on how far a slow machine gets.
            for run in range(RUNS):
                code, verdict = self.judged(command, expected, 2**run)
                if verdict["verdict"] != expected.verdict or is_any(verdict, expected.named):
                    break
            problems = self.problems(code, verdict, expected)
            if expected.bench:
                words = [self.gdr, "bench", "--against", command, "--only", "kernel", "--rounds", "5", *LAYER]
                said = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT)
                if expected.bench not in said.stdout:
                    problems.append(f"gdr bench does not say '{expected.bench}': {said.stdout.strip()[-300:]} {said.stderr.strip()[-200:]}")
        except (subprocess.TimeoutExpired, ValueError, KeyError) as error:
            return f"FAILED  {name}: {type(error).__name__}: {error}"
        if problems:
            return f"FAILED  {name}: {'; '.join(problems)}"
        timed = [f"gdr bench: {expected.bench}"] if expected.bench else []
        again = f" (run {run + 1})" if run else ""
        return f"ok  {name}: {verdict['verdict']}{seen([*names(verdict), *timed])}{again}"

    def judged(self, command, expected, longer):
        """(exit code, the JSON); with so many times the time."""
        timed = LAYER if expected.alone else ("--no-times",)
        cases = () if expected.by_time else ("--cases", CASES)
        words = [self.gdr, "judge", "--against", command, *cases, "--for", f"{expected.seconds * PATIENCE * longer:g}s", "--size", "small", *timed, *expected.flags, "--json", "-"]
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT)
        try:
            return done.returncode, json.loads(done.stdout)
        except ValueError:
            raise ValueError(f"exit code {done.returncode}, no JSON: {(done.stderr or done.stdout).strip()[-300:]}") from None

    @staticmethod
    def problems(code, verdict, expected):
        found = []
        if verdict["verdict"] != expected.verdict:
            found.append(f"{verdict['verdict']}, not {expected.verdict}: {'; '.join(verdict['reasons'])[:500]}")
        if not code == verdict["exit"] == EXIT[verdict["verdict"]]:
            found.append(f"exit code {code}, in the JSON {verdict['exit']}, for '{verdict['verdict']}'")
        if (verdict["verdict"] == "passes") != (not verdict["reasons"]):
            found.append(f"{verdict['verdict']} with {len(verdict['reasons'])} reasons")
        if not is_any(verdict, expected.named):
            found.append(f"not named by any of {', '.join(expected.named)}, but by{seen(names(verdict)) or ' nothing'}")
        return found

    def loop(self):
        """A planted fault, mended from the verdict alone."""
        words = [self.python, "Fixtures/loop/mend.py", LOOP, "--for", f"{15 * PATIENCE:g}s"]
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=os.environ | {"GDR": self.gdr})
        steps = done.stdout.splitlines()
        if done.returncode != 0 or f"undone: {LOOP}" not in steps or steps[-1] != "passes":
            return f"FAILED  the loop: exit code {done.returncode}: {' | '.join(steps)[-500:]} {done.stderr[-300:]}"
        return "ok  the loop: a planted fault is named, undone, and the kernel passes"


def is_any(verdict, named):
    """Whether one of these names it, where there are any."""
    return not named or any(is_named(verdict, name) for name in named)


def is_named(verdict, name):
    """`probe change`: that probe was not passed. `says TEXT`: a finding's. `time TEXT`: of its clock. `why TEXT`: a reason. `plain`: fails under that law."""
    kind, _, text = name.partition(" ")
    if kind == "probe":
        return any(probe["name"] == text and probe["broken"] > 0 for probe in verdict["probes"])
    if kind == "says":
        return any(text in line for finding in verdict["findings"] for line in (finding["sentence"], *finding["pattern"]))
    if kind == "time":
        return any(text in line for line in (verdict.get("times") or {}).get("flags") or [])
    if kind == "why":
        return any(text in line for line in verdict["reasons"])
    return kind == "plain" and (verdict.get("plain") or {}).get("fails", 0) > 0


def names(verdict):
    """All that a line says of how it was seen."""
    probes = [f"{probe['name']} {probe['broken']} of {probe['asked']}" for probe in verdict["probes"] if probe["broken"] > 0]
    first = verdict["findings"][0]["pattern"][:1] if verdict["findings"] and not probes else []
    flags = (verdict.get("times") or {}).get("flags") or []
    plain = verdict.get("plain") or {}
    shown = [*probes, *(line.strip() for line in first), *flags, *([f"under the plain law {plain['fails']} of {plain['cases']} fail"] if plain.get("fails") else [])]
    return shown or [line[:100] for line in verdict["reasons"][-1:]]


def seen(words):
    return f": {'; '.join(words)}" if words else ""
