"""The list of workers: which public implementations there are, and what each needs."""

import json
import platform
import shlex
import shutil
import subprocess
from dataclasses import dataclass, fields
from pathlib import Path

NEEDS = ("cpu", "gpu", "mac")


class ListError(Exception):
    """A list, a row or a confirmation that is none, or a name that is not in it."""


@dataclass(frozen=True)
class Worker:
    """One line of the list."""

    name: str
    library: str  # the package whose version counts
    function: str
    command: str  # what a shell starts
    contract: str = "plain"
    families: str = ""  # of `gdr fuzz --families`; any unless given
    flags: str = ""  # more of `gdr fuzz`
    map_family: str = ""  # that `gdr map` asks for, where it is not the first of the families
    needs: str = "cpu"
    packages: tuple = ()  # that must be there beside the library
    probe: str = ""  # a shell command that prints the version, where the library is no Python package
    limits: str = ""  # what is known and declared, or refused
    is_run: bool = True  # else it is there for the saved cases of its name

    @property
    def interpreter(self):
        """The first word of the command."""
        return shlex.split(self.command)[0]

    @property
    def deadline(self):
        """How long gdr waits for an answer, as its commands take it: more than usual where kernels are compiled."""
        flags = shlex.split(self.flags)
        return flags[flags.index("--deadline") :][:2] if "--deadline" in flags else []

    def version(self):
        """What is installed, or None."""
        if self.probe:
            return printed(["sh", "-c", self.probe])
        if shutil.which(self.interpreter) is None:
            return None
        script = "import sys, importlib.metadata as m; [m.version(p) for p in sys.argv[1:]]; print(m.version(sys.argv[1]))"
        return printed([self.interpreter, "-c", script, self.library, *self.packages])

    def obstacle(self):
        """Why it cannot run here, in a clause; None if it can."""
        if reason := missing_machine(self.needs):
            return reason
        if self.version() is None:
            names = ", ".join([self.library, *self.packages])
            return f"{names} not installed for {self.interpreter}" if not self.probe else f"{self.library} is not here"
        return None

    def line(self):
        reason = self.obstacle()
        return f"{self.name}  {self.function}  " + (f"not here: {reason}" if reason else f"{self.library} {self.version()}")


def printed(command):
    """The first line that a command prints, or None where it fails."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip().split("\n")[0] or None if done.returncode == 0 else None


def missing_machine(needs):
    """Why this is not such a machine, or None."""
    if needs == "gpu" and printed(["nvidia-smi", "-L"]) is None:
        return "needs a GPU of NVIDIA"
    if needs == "mac" and (platform.system(), platform.machine()) != ("Darwin", "arm64"):
        return "needs a Mac"
    return None


def workers(path):
    """The list of a file. Raises ListError, with the place."""
    try:
        entries = json.loads(Path(path).read_text())
    except (OSError, ValueError) as error:
        raise ListError(f"{path}: {getattr(error, 'strerror', None) or error}") from None
    if not isinstance(entries, list) or not entries:
        raise ListError(f"{path}: not a list of workers")
    found = [worker(f"{path}: entry {number}", entry) for number, entry in enumerate(entries, 1)]
    names = [w.name for w in found]
    if twice := next((n for n in names if names.count(n) > 1), None):
        raise ListError(f"{path}: {twice} is there twice")
    return found


def worker(place, entry):
    known = {f.name: f for f in fields(Worker)}
    if not isinstance(entry, dict):
        raise ListError(f"{place}: not an object")
    if strange := next((key for key in entry if key not in known), None):
        raise ListError(f"{place}: no such key: {strange}")
    for key in ("name", "library", "function", "command"):
        if not isinstance(entry.get(key), str) or not entry[key]:
            raise ListError(f"{place}: no {key}")
    for key, value in entry.items():
        kind = bool if key == "is_run" else list if key == "packages" else str
        if not isinstance(value, kind):
            raise ListError(f"{place}: {key}: {json.dumps(value)}")
    if entry.get("needs", "cpu") not in NEEDS:
        raise ListError(f"{place}: needs: {entry['needs']}, not one of {', '.join(NEEDS)}")
    if set(entry["name"]) - set("abcdefghijklmnopqrstuvwxyz0123456789-"):
        raise ListError(f"{place}: name: {entry['name']}: small letters, digits and - alone")
    return Worker(**entry | {"packages": tuple(entry.get("packages", ()))})


def chosen(listed, names):
    """Those of these names, in their order. Raises ListError for one that is not there."""
    by_name = {one.name: one for one in listed}
    if strange := next((n for n in names if n not in by_name), None):
        raise ListError(f"{strange}: not one of {', '.join(by_name)}")
    return [by_name[n] for n in names]
