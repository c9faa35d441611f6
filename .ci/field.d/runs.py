"""Runs of workers: in shards, each of which goes on where it was stopped."""

import fcntl
import json
import re
import subprocess
import sys
import time
from pathlib import Path

import readings
from rows import of_record, write

# gdr's exit codes of a run that came to its end.
ENDED = {0, 1, 4}
# Of one that had been at its end before.
AT_ITS_END = 65
INTERRUPTED = {130, -2, -15}


class RunError(Exception):
    """A run that did not come about."""

    def __init__(self, message, code=70):
        super().__init__(message)
        self.code = code


class Budget:
    """How long, from which seed, which part."""

    @staticmethod
    def add_options(parser):
        parser.add_argument("--for", dest="duration", metavar="60m", help="how long each worker runs, all its shards alike (60m, unless --cases)")
        parser.add_argument("--cases", metavar="N", help="how many cases instead")
        parser.add_argument("--seed", default="1", metavar="S", help="of the cases (1)")
        parser.add_argument("--shard", default="1/1", metavar="I/N", help="one of N parts (1/1)")

    def __init__(self, parser, options):
        for value, form, flag in (
            (options.duration, r"\d+[smh]", "--for"), (options.cases, r"[1-9]\d*", "--cases"), (options.seed, r"\d+", "--seed"),
            (options.shard, r"[1-9]\d*/[1-9]\d*", "--shard"),
        ):  # fmt: skip
            if value is not None and not re.fullmatch(form, value):
                parser.error(f"{flag}: {value}")
        if options.duration and options.cases:
            parser.error("--for and --cases: one of them")
        self.shard, self.shards = map(int, options.shard.split("/"))
        if self.shard > self.shards:
            parser.error(f"--shard: {options.shard}")
        self.seed = options.seed
        self.length = ["--cases", options.cases] if options.cases else ["--for", options.duration or "60m"]
        # Workers that compile for every shape would map for hours.
        seconds = 240 if options.cases else int(self.length[1][:-1]) * {"s": 1, "m": 60, "h": 3600}[self.length[1][-1]]
        self.seconds_of_map = min(240, max(50, seconds // 5))

    @property
    def word(self):
        """What tells it from another in the name of a folder."""
        return f"{self.length[0][2:]}-{self.length[1]}-seed-{self.seed}-of-{self.shards}"


def field(gdr, listed, budget, into, rows):
    """Runs them one after the other, and says of each what came of it."""
    if subprocess.run([gdr, "version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode if Path(gdr).exists() else True:
        raise RunError(f"{gdr}: no such program; GDR names another", 64)
    for worker in listed:
        if reason := worker.obstacle():
            say(f"{worker.name}: not run: {reason}")
            continue
        try:
            say(f"{worker.name}: {one(gdr, worker, budget, into / worker.name / budget.word, rows)}")
        except RunError as error:
            if error.code in INTERRUPTED:
                raise RunError(f"{worker.name}: interrupted; the same command goes on", 130) from None
            say(f"{worker.name}: not run: {error}")
    return 0


def one(gdr, worker, budget, folder, rows):
    """One shard of one worker, and its row where it was the last."""
    folder.mkdir(parents=True, exist_ok=True)
    record = folder / f"{budget.shard}.json"
    # gdr inherits the lock: if this process is killed, and gdr is not, a second run waits for it.
    with open(folder / f"{budget.shard}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / f"{budget.shard}.ended").exists():
            fuzz(gdr, worker, budget, folder, record, lock)
            (folder / f"{budget.shard}.ended").touch()
    missing = [n for n in range(1, budget.shards + 1) if not (folder / f"{n}.ended").exists()]
    if missing:
        return f"shard {budget.shard} ended, missing: {', '.join(map(str, missing))}"
    merged = folder / "merged.json"
    records = [str(folder / f"{n}.json") for n in range(1, budget.shards + 1)]
    run([gdr, "merge-reports", *records, "--to", str(merged)], folder / "merge.txt", {0}, "gdr merge-reports")
    power, where = readings.power(gdr, worker, folder), readings.where(gdr, worker, folder, budget.seconds_of_map)
    row = of_record(worker, worker.version(), json.loads(merged.read_text()), power, where)
    path = write(row, rows)
    fails = row["disagrees"] + row["failed"]
    return f"{row['cases']} cases in {row['seconds']} s: {row['agrees']} agree, {row['degraded']} degraded, {fails} fail, {row['refused']} refused; {path}"


def fuzz(gdr, worker, budget, folder, record, lock):
    """Until its time is over, from where it was."""
    command = [gdr, "fuzz", "--against", f"{worker.name}={worker.command}", *budget.length, "--seed", budget.seed, "--jobs", "1",
               "--corpus", str(folder / f"{budget.shard}.corpus"), "--state", str(record)]  # fmt: skip
    if budget.shards > 1:
        command += ["--shard", f"{budget.shard}/{budget.shards}"]
    if worker.families:
        command += ["--families", worker.families]
    codes = ENDED | ({AT_ITS_END} if record.exists() else set())
    run(command + worker.flags.split(), folder / f"{budget.shard}.txt", codes, "gdr fuzz", lock)


def run(command, log, codes, name, lock=None):
    """A command whose lines go to a file. Raises RunError with the last of them where its exit code is another."""
    with open(log, "a") as lines:
        lines.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {' '.join(command)}\n")
        lines.flush()
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=lines, stderr=subprocess.STDOUT, pass_fds=[lock.fileno()] if lock else [])
    if done.returncode not in codes:
        last = log.read_text().strip().split("\n")[-1]
        raise RunError(f"{name}: exit code {done.returncode}: {last} ({log})", done.returncode)


def say(line):
    print(line, flush=True)
    sys.stdout.flush()
