"""The command, and the library of workers."""

import importlib.metadata
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


def test_the_library_imports_nothing_from_outside_of_itself():
    code = (
        "import sys; from gdr.workers import contract, layers, session, worker; print(sorted({'worker', 'contract', 'session'} & set(sys.modules)))"
    )
    assert output(sys.executable, "-c", code).strip() == "[]"


def test_the_command_starts_without_numpy():
    code = "import sys; import gdr; print('numpy' in sys.modules, 'pytest' in sys.modules)"
    assert output(sys.executable, "-c", code).strip() == "False False"
