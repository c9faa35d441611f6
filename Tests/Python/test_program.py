"""The command, and the library of workers."""

import importlib.metadata
import os
import subprocess
import sys

import gdr
import pytest


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=300).stdout


def test_the_command_is_the_binary():
    command = [sys.prefix + "/bin/gdr", "list"]
    assert output(*command) == output(sys.executable, "-m", "gdr", "list")
    assert "chunked-stable" in output(*command)
    assert gdr.version() == importlib.metadata.version("gdr")


def test_its_exit_code_is_that_of_the_binary():
    assert subprocess.run([sys.executable, "-m", "gdr", "no-such-command"], capture_output=True).returncode == 64


@pytest.mark.parametrize("module", ["numpy_worker", "worker", "session"])
def test_the_workers_of_the_library_run_as_modules(module):
    assert "ready" in output(sys.executable, "-m", "gdr", "conform", f"{sys.executable} -m gdr.workers.{module}")


def test_a_function_is_served_to_every_command(tmp_path, request, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(request.path.parent), prepend=os.pathsep)
    program = tmp_path / "kernel.py"
    program.write_text("from recurrence import *\nprint('a greeting')\n")
    command = f"{sys.executable} -m gdr.serve {program}:"
    assert "ready" in output(sys.executable, "-m", "gdr", "conform", command + "recurrence form=sequential")
    fuzz = [sys.executable, "-m", "gdr", "fuzz", "--cases", "60", "--seed", "1", "--size", "small", "--jobs", "1", "--corpus", str(tmp_path)]
    assert subprocess.run([*fuzz, "--against", f"k={command}recurrence"], capture_output=True).returncode == 0
    assert subprocess.run([*fuzz, "--against", f"k={command}halved_from_token_3"], capture_output=True).returncode == 1


@pytest.mark.parametrize("words", [[], ["no-colon"], ["os:no_such"], ["no_such_module:f"], ["os:getcwd", "form"], ["os:getcwd", "empty=perhaps"]])
def test_a_function_that_cannot_be_served_is_one_line(words):
    ended = subprocess.run([sys.executable, "-m", "gdr.serve", *words], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert ended.returncode == 64 and len(ended.stderr.splitlines()) == 1 and ended.stdout == ""


def test_the_library_imports_nothing_from_outside_of_itself():
    code = "import sys; from gdr.workers import contract, layers, session, worker; print(sorted({'worker', 'contract', 'memory'} & set(sys.modules)))"
    assert output(sys.executable, "-c", code).strip() == "[]"


def test_the_command_starts_without_numpy():
    code = "import sys; import gdr; print('numpy' in sys.modules, 'pytest' in sys.modules)"
    assert output(sys.executable, "-c", code).strip() == "False False"
