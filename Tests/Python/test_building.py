"""What a wheel says of the binary in it."""

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the libraries of a binary are asked of objdump")


def built(folder, repository, *libraries):
    """The wheel around a program that needs these libraries, and what was said meanwhile."""
    for name, text in {
        "gdr": "echo gdr 9.8.7: a stand-in",
        "objdump": "printf '  NEEDED  %s\\n' " + " ".join(libraries) + "\necho GLIBC_2.34",
    }.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    environment = {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "GDR_BINARY": str(folder / "gdr")}
    backend = repository / "Sources" / "Python" / "building" / "backend.py"
    return subprocess.run([sys.executable, backend, folder], env=environment, capture_output=True, text=True, check=True)


def test_a_binary_that_needs_the_c_library_alone_runs_from_its_version_on(tmp_path, request):
    ended = built(tmp_path, request.path.parents[2], "libc.so.6", "libm.so.6", "ld-linux-x86-64.so.2")
    assert f"gdr-9.8.7-py3-none-manylinux_2_34_{os.uname().machine}.whl" in ended.stdout and ended.stderr == ""


def test_a_binary_that_needs_libraries_of_this_machine_is_one_warning_and_no_wheel_for_others(tmp_path, request):
    ended = built(tmp_path, request.path.parents[2], "libc.so.6", "libswiftCore.so", "libFoundation.so", "libdispatch.so", "libBlocksRuntime.so")
    assert f"gdr-9.8.7-py3-none-linux_{os.uname().machine}.whl" in ended.stdout
    assert len(ended.stderr.splitlines()) == 1
    assert "runs only on machines with libswiftCore.so, libFoundation.so, libdispatch.so and 1 more, which" in ended.stderr and "Traceback" not in ended.stderr
