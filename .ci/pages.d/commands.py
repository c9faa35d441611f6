"""Commands of the pages, and what they print."""

import os
import shlex
import subprocess
import sys
import tempfile


class CommandError(Exception):
    """A command that did not run."""


class Outputs:
    """Lines by command; each command runs once."""

    # Findings and unhealthy runs are what some pages are about.
    EXPECTED = {0, 1, 2, 4}

    def __init__(self, gdr):
        self.gdr = gdr
        self.known = {}

    def lines(self, command):
        if command not in self.known:
            self.known[command] = self._run(command)
        return self.known[command]

    def _run(self, command):
        words = shlex.split(command)
        programs = {"gdr": [self.gdr], "python3": [sys.executable], ".ci/cheats": [".ci/cheats"], ".ci/field": [".ci/field"]}
        if not words or words[0] not in programs:
            raise CommandError(f"not a command of gdr: {command}")
        program = programs[words[0]]
        # What a run would save goes where nothing is kept.
        with tempfile.TemporaryDirectory() as folder:
            if words[1:2] in (["fuzz"], ["exact"]):
                words += ["--corpus", folder]
            try:
                done = subprocess.run(
                    [*program, *words[1:]], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                    env=os.environ | {"GDR": os.path.realpath(self.gdr)})
            except OSError as error:
                raise CommandError(f"{program[0]}: {error.strerror}") from error
        if done.returncode not in self.EXPECTED:
            raise CommandError(f"{command}: exit code {done.returncode}\n{done.stderr[-2000:]}")
        return done.stdout.splitlines()
