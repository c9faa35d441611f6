"""Confirmations: a program of a few lines for each finding, which uses that library alone."""

import ast
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from workers import ListError, missing_machine, printed

KINDS = ("bug", "limit", "convention")
# Exit codes of a confirmation; the last is of one that needs something else than what is here.
THERE, MENDED, ELSEWHERE = 1, 0, 77
# What a confirmation says of itself, a line each, in its docstring.
REQUIRED = ("library", "function", "kind", "known", "recipe")
OPTIONAL = ("worker", "needs", "python")
# Libraries that Python does not know.
FOREIGN = ("ggml",)
# Seconds: some compile a kernel.
LIMIT = 300


@dataclass(frozen=True)
class Confirmation:
    """One file of Fixtures/confirm."""

    path: Path
    title: str
    library: str  # the package and its version, as in `fla-core 0.6.0`
    function: str
    kind: str  # bug, limit or convention
    known: str  # where upstream knows of it, or how it was looked for
    recipe: str  # of gdr; or why it has none
    workers: tuple  # of the list, that bring it out
    needs: str
    python: str  # the program that runs it
    text: str  # what follows: cause, what is expected, what would mend it

    @property
    def name(self):
        return self.path.stem

    @property
    def package(self):
        return self.library.split()[0]

    def installed(self):
        """The version, or None. A library that is no Python package says itself whether it is there."""
        if self.package in FOREIGN:
            return self.library.split()[1]
        script = f"import importlib.metadata as m; print(m.version('{self.package}'))"
        return printed([self.python, "-c", script])

    def outcome(self):
        """What it printed, and its exit code: None with the reason where it cannot run."""
        if reason := missing_machine(self.needs):
            return None, reason
        if self.installed() is None:
            return None, f"{self.package} is not installed for {self.python}"
        try:
            done = subprocess.run([self.python, str(self.path)], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT)
        except subprocess.TimeoutExpired:
            return -1, f"took more than {LIMIT} s"
        output = done.stdout.strip() or done.stderr.strip()
        return (None, output) if done.returncode == ELSEWHERE else (done.returncode, output)

    def said(self):
        """(a line, whether it came out as the file says)."""
        code, output = self.outcome()
        if code is None:
            return f"not run      {self.name}: {output}", True
        version = f"{self.package} {self.installed()}"
        last = " | ".join(line.strip() for line in output.split("\n")[-2:])
        if code == THERE and is_shown(output):
            return f"still there  {self.name}: {version}: {last}", True
        if code == MENDED:
            return f"mended       {self.name}: in {version}, was there in {self.library}: {last}", False
        return f"broken       {self.name}: {version}: exit code {code}: {last}", False

    @staticmethod
    def run_all(files):
        """1 where one came out otherwise than its file says."""
        fine = True
        for one in files:
            line, as_recorded = one.said()
            print(line, flush=True)
            fine &= as_recorded
        return 0 if fine else 1


def is_shown(output):
    """A program that ended by an exception has the same exit code."""
    return "expected" in output and "actual" in output


def confirmations(folder):
    """All of them, by library. Raises ListError for a file that does not say what it must."""
    found = [confirmation(path) for path in sorted(Path(folder).glob("*/*.py"))]
    names = [one.name for one in found]
    if twice := next((n for n in names if names.count(n) > 1), None):
        raise ListError(f"{folder}: two files are called {twice}.py")
    return found


def confirmation(path):
    try:
        docstring = ast.get_docstring(ast.parse(path.read_text()))
    except (OSError, SyntaxError, ValueError) as error:
        raise ListError(f"{path}: {error}") from None
    if not docstring:
        raise ListError(f"{path}: no docstring")
    title, _, rest = docstring.partition("\n\n")
    head, _, text = rest.partition("\n\n")
    said = dict(re.findall(r"^(\w+): +(.+)$", head, re.MULTILINE))
    if key := next((k for k in REQUIRED if k not in said), None):
        raise ListError(f"{path}: its docstring does not say '{key}:'")
    if key := next((k for k in said if k not in REQUIRED + OPTIONAL), None):
        raise ListError(f"{path}: its docstring says '{key}:', which nothing asks for")
    if said["kind"] not in KINDS:
        raise ListError(f"{path}: kind: {said['kind']}, not one of {', '.join(KINDS)}")
    names = tuple(w.strip() for w in said.get("worker", "").split(",") if w.strip())
    return Confirmation(
        path, " ".join(title.split()).rstrip("."), said["library"], said["function"], said["kind"], said["known"], said["recipe"], names,
        said.get("needs", "cpu"), said.get("python", "python3"), text,
    )  # fmt: skip
