"""The binary, which lies beside this file."""

import os
import subprocess
from functools import lru_cache
from pathlib import Path

from gdr.errors import Error


def path() -> str:
    """Where it is; GDR in the environment names another."""
    found = os.environ.get("GDR") or str(Path(__file__).with_name("bin") / "gdr")
    if not os.access(found, os.X_OK):
        raise Error(f"no program at {found}: the package was not installed from a wheel, and GDR names no binary")
    return found


@lru_cache(maxsize=None)
def version() -> str:
    """Of the binary."""
    # "gdr 0.2.0: what it is"
    first = subprocess.run([path(), "help"], capture_output=True, text=True, check=True).stdout.splitlines()[0]
    return first.split(":")[0].split()[-1]
